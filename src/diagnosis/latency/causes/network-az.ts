/** One availability zone is slow while the others are well. */
import { quantity } from '../../evidence.ts';
import { change, type LatencyCause } from '../cause.ts';
import { oddZone, type Signals, type ZoneShift } from '../signals.ts';

export const networkAz: LatencyCause = {
  id: 'network-az',
  component: (signals) => oddZone(signals)?.odd.zone ?? worstZone(signals)?.zone,
  weigh: (signals, balance) => {
    const odd = oddZone(signals);
    const worst = worstZone(signals);
    if (odd !== undefined) {
      balance.favour(4.5, change(`p99 in ${odd.odd.zone}`, odd.odd.latency));
      const errors = odd.odd.connectionErrors;
      if (errors !== undefined && errors.during > 0 && errors.ratio >= 2) {
        balance.favour(1.5, change(`connection errors in ${odd.odd.zone}`, errors));
      }
    } else if (worst !== undefined) {
      balance.oppose(4, change(`no zone stands out: p99 in ${worst.zone}`, worst.latency));
    }
  },
  summary: (signals, component) => {
    const odd = oddZone(signals);
    const detail =
      odd && ` (p99 ${quantity(odd.odd.latency.during, 's')}, elsewhere ${quantity(odd.othersSeconds, 's')})`;
    return `${component} is slow, the other zones are not${detail ?? ''}`;
  },
};

function worstZone(signals: Signals): ZoneShift | undefined {
  return signals.zones.toSorted((a, b) => b.latency.during - a.latency.during)[0];
}
