/** The service's tasks run short of memory: they collect garbage, or are killed. */
import { evidence, quantity } from '../../evidence.ts';
import { change, opposeDeployment, opposeZone, weighTraces, type LatencyCause } from '../cause.ts';
import { missingEvidence } from '../signals.ts';

export const memoryPressure: LatencyCause = {
  id: 'memory-pressure',
  component: ({ picture }) => picture.names.service,
  weigh: (signals, balance) => {
    const { memory, outOfMemory, picture } = signals;
    if (memory === undefined) {
      const failed = missingEvidence(picture.utilisation, 'cloudwatch:GetMetricData', picture.region);
      if (failed !== undefined) balance.miss(failed);
    } else if (memory.during >= 85) {
      balance.favour(memory.ratio >= 1.15 ? 3 : 1.5, change('ECS memory', memory));
    } else {
      balance.oppose(memory.during < 75 ? 4 : 2, change('ECS memory', memory));
    }
    const service = picture.service.known ? picture.service.value : undefined;
    if (outOfMemory.length > 0 && service !== undefined) {
      const source = { ...service.source, operation: 'ecs:DescribeTasks' };
      balance.favour(2, evidence(source, `${outOfMemory.length} tasks stopped out of memory`));
    }
    const lines = signals.lines('out-of-memory');
    if (lines !== undefined && lines.during > 0 && picture.errorLines.known) {
      balance.favour(1.5, evidence(picture.errorLines.value.source, `${lines.during} log lines speak of memory`));
    }
    weighTraces(signals, balance, 'service', 'spent in the service itself');
    opposeDeployment(signals, balance, 1.5);
    opposeZone(signals, balance, 3);
  },
  summary: ({ memory, outOfMemory }, component) =>
    `${component} is out of memory${memory ? ` (${quantity(memory.during, '%')})` : ''}` +
    (outOfMemory.length > 0 ? `; ${outOfMemory.length} tasks were killed` : ''),
};
