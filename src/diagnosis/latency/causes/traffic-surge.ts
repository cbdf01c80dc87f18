/** More requests than the service has capacity for. */
import { change, opposeZone, type LatencyCause } from '../cause.ts';
import { missingMetric } from '../signals.ts';

export const trafficSurge: LatencyCause = {
  id: 'traffic-surge',
  component: ({ picture }) => picture.names.service,
  weigh: (signals, balance) => {
    const { requests, cpu, picture } = signals;
    if (requests === undefined) {
      const failed = missingMetric(picture.traffic, 'requests', picture.region);
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
  summary: ({ requests }, component) => {
    const many =
      requests !== undefined && Number.isFinite(requests.ratio) ? `${requests.ratio.toFixed(1)} times` : 'far above';
    return `${component} gets ${many} its normal requests, more than its tasks can serve`;
  },
};
