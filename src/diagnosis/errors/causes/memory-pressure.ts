/** Tasks run out of memory: requests in them fail, and end with them when they are killed. */
import { evidence, quantity } from '../../evidence.ts';
import { opposeDeployment, weighMessages, weighOrigins, type ErrorCause } from '../cause.ts';

export const memoryPressure: ErrorCause = {
  id: 'memory-pressure',
  component: ({ picture }) => picture.names.service,
  prior: -4,
  weigh: (signals, balance) => {
    const { memory, outOfMemory, picture } = signals;
    if (outOfMemory.length > 0) {
      const source = { operation: 'ecs:DescribeTasks', region: picture.region };
      const many = outOfMemory.length === 1 ? '1 task was' : `${outOfMemory.length} tasks were`;
      balance.favour(2.5, evidence(source, `${many} killed for memory`));
    }
    if (memory !== undefined) {
      const text = `ECS memory ${quantity(memory.before, '%')} → ${quantity(memory.during, '%')}`;
      const seen = evidence(memory.series.source, text);
      if (memory.during >= 90) balance.favour(2.5, seen);
      else balance.oppose(memory.during < 80 ? 4 : 1, seen);
    }
    weighMessages(signals, balance, 2, 'memory');
    weighOrigins(signals, balance, 'service');
    opposeDeployment(signals, balance, 1);
  },
  summary: ({ memory }, component) =>
    `${component} is out of memory${memory === undefined ? '' : ` (${quantity(memory.during, '%')})`}`,
};
