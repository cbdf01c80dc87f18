/** The service turns requests away because it has too many in it. */
import { evidence, quantity } from '../../evidence.ts';
import { opposeDeployment, weighMessages, weighOrigins, type ErrorCause } from '../cause.ts';

export const serviceOverloaded: ErrorCause = {
  id: 'service-overloaded',
  component: ({ picture }) => picture.names.service,
  prior: -4,
  weigh: (signals, balance) => {
    const { cpu, requests } = signals;
    weighMessages(signals, balance, 2.5, 'overload');
    if (cpu !== undefined) {
      const seen = evidence(cpu.series.source, `ECS CPU ${quantity(cpu.before, '%')} → ${quantity(cpu.during, '%')}`);
      if (cpu.during >= 85) balance.favour(2.5, seen);
      else balance.oppose(cpu.during < 70 ? 4 : 1, seen);
    }
    if (requests !== undefined && requests.ratio >= 1.5 && requests.score >= 4) {
      const text = `requests a minute ${quantity(requests.before, 'count')} → ${quantity(requests.during, 'count')}`;
      balance.favour(1, evidence(requests.series.source, text));
    }
    weighOrigins(signals, balance, 'service');
    opposeDeployment(signals, balance, 2);
  },
  summary: ({ requests, cpu }, component) => {
    const many =
      requests !== undefined && requests.ratio >= 1.5 ? ` for ${requests.ratio.toFixed(1)} times its requests` : '';
    return `${component} has too little capacity${many} and turns requests away${cpu === undefined ? '' : ` (CPU ${quantity(cpu.during, '%')})`}`;
  },
};
