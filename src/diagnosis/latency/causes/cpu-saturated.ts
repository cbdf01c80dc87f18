/** The service's tasks have no CPU left, without more requests and without a new version to explain it. */
import { quantity } from '../../evidence.ts';
import { change, opposeDeployment, opposeSurge, opposeZone, weighTraces, type LatencyCause } from '../cause.ts';
import { missingMetric } from '../signals.ts';

export const cpuSaturated: LatencyCause = {
  id: 'cpu-saturated',
  component: ({ picture }) => picture.names.service,
  weigh: (signals, balance) => {
    const { cpu, picture } = signals;
    if (cpu === undefined) {
      const failed = missingMetric(picture.utilisation, 'ECS CPU', picture.region);
      if (failed !== undefined) balance.miss(failed);
    } else if (cpu.during >= 75) {
      balance.favour(2.5, change('ECS CPU', cpu));
      if (cpu.ratio < 1.2) balance.oppose(1, change('it was as high before: ECS CPU', cpu));
    } else {
      balance.oppose(cpu.during < 60 ? 4 : 2, change('ECS CPU', cpu));
    }
    weighTraces(signals, balance, 'service', 'spent in the service itself');
    opposeSurge(signals, balance, 3);
    opposeDeployment(signals, balance, 3);
    opposeZone(signals, balance, 3);
  },
  summary: ({ cpu }, component) => `${component} is out of CPU${cpu ? ` (${quantity(cpu.during, '%')})` : ''}`,
};
