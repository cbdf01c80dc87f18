/** The service's tasks run short of memory: they collect garbage, or are killed. */
import { evidence, missingEvidence, quantity } from '../../evidence.ts';
import { change, opposeDeployment, opposeZone, weighTraces, type LatencyCause } from '../cause.ts';
import { missingMetric } from '../signals.ts';

export const memoryPressure: LatencyCause = {
  id: 'memory-pressure',
  component: ({ picture }) => picture.names.service,
  weigh: (signals, balance) => {
    const { memory, outOfMemory, picture } = signals;
    if (memory === undefined) {
      const failed = missingMetric(picture.utilisation, 'ECS memory', picture.region);
      if (failed !== undefined) balance.miss(failed);
    } else if (memory.during >= 85) {
      balance.favour(memory.ratio >= 1.15 ? 3 : 1.5, change('ECS memory', memory));
    } else {
      balance.oppose(memory.during < 75 ? 4 : 2, change('ECS memory', memory));
    }
    const source = { operation: 'ecs:DescribeTasks', region: picture.region };
    const untold = missingEvidence(picture.stoppedTasks, source.operation, source.region);
    if (untold !== undefined) balance.miss(untold);
    if (outOfMemory.length > 0)
      balance.favour(2, evidence(source, `${tasks(outOfMemory.length)} stopped out of memory`));
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
    (outOfMemory.length > 0 ? `; ${tasks(outOfMemory.length)} killed` : ''),
};

function tasks(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`;
}
