/** More requests than the service has capacity for. */
import { change, opposeZone, type LatencyCause } from '../cause.ts';
import { missingEvidence } from '../signals.ts';

export const trafficSurge: LatencyCause = {
  id: 'traffic-surge',
  component: ({ picture }) => picture.names.service,
  weigh: (signals, balance) => {
    const { requests, cpu, picture } = signals;
    if (requests === undefined) {
      const failed = missingEvidence(picture.traffic, 'cloudwatch:GetMetricData', picture.region);
      if (failed !== undefined) balance.miss(failed);
      return;
    }
    const seen = change('requests a minute', requests);
    if (requests.ratio >= 1.5 && requests.score >= 4) balance.favour(requests.ratio >= 2 ? 4.5 : 3.5, seen);
    else balance.oppose(requests.ratio < 1.25 ? 5 : 2, seen);
    if (cpu !== undefined && cpu.during >= 75) balance.favour(1.5, change('ECS CPU', cpu));
    if (cpu !== undefined && cpu.during < 60) balance.oppose(1.5, change('ECS CPU', cpu));
    opposeZone(signals, balance, 2);
  },
  summary: ({ requests }, component) =>
    `${component} gets ${requests ? requests.ratio.toFixed(1) : ''} times its normal requests, more than its tasks can serve`,
};
