/** A service that the API calls, and that is not part of the stack, answers slowly. */
import { evidence, quantity } from '../../evidence.ts';
import { countTimeoutsOf } from '../../log-patterns.ts';
import { opposeZone, slowest, weighTraces, type LatencyCause } from '../cause.ts';
import { logsBefore } from '../../incident.ts';

export const downstreamDependency: LatencyCause = {
  id: 'downstream-dependency',
  component: (signals) => slowest(signals, 'dependency')?.component.name,
  weigh: (signals, balance) => {
    const { picture, symptom, traceSource } = signals;
    const worst = slowest(signals, 'dependency');
    weighTraces(signals, balance, 'dependency', 'spent waiting for other services');
    if (worst !== undefined && worst.share >= 0.5 && traceSource !== undefined) {
      const before = quantity(worst.beforeMs, 'ms');
      const during = quantity(worst.duringMs, 'ms');
      balance.favour(1.5, evidence(traceSource, `${worst.component.name} takes ${before} → ${during} of a request`));
    }
    if (worst !== undefined && picture.errorLines.known) {
      const { name } = worst.component;
      const lines = countTimeoutsOf(picture.errorLines.value, name, logsBefore(symptom), symptom.during);
      if (lines.during >= 2) {
        balance.favour(1, evidence(picture.errorLines.value.source, `${lines.during} log lines: ${name} timed out`));
      }
    }
    opposeZone(signals, balance, 3);
  },
  summary: (signals, component) => {
    const worst = slowest(signals, 'dependency');
    return `${component} answers slowly${worst ? ` (${quantity(worst.duringMs, 'ms')} of a slow request)` : ''}`;
  },
};
