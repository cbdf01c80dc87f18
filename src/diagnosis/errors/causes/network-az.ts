/** The targets of one availability zone are not reached, those of the others are. */
import { evidence, quantity, type Balance } from '../../evidence.ts';
import type { ErrorCause } from '../cause.ts';
import type { Signals } from '../signals.ts';

export const networkAz: ErrorCause = {
  id: 'network-az',
  component: ({ oddZone }) => oddZone?.zone,
  weigh: (signals, balance) => {
    weighZone(signals, balance, 'for');
    const { picture, symptom } = signals;
    if (!picture.traffic.known) return;
    const share = symptom.balancerShare ?? 0;
    const { source } = picture.traffic.value.balancerServerErrors;
    const seen = evidence(source, `the balancer answered ${quantity(share, 'ratio')} of the failures itself`);
    if (share >= 0.3) balance.favour(1.5, seen);
    else balance.oppose(2, seen);
  },
  summary: (_signals, component) => `targets in ${component} are not reached, those of the other zones are`,
};

/** Connections to targets that fail in one zone alone speak for that zone, and against whatever all zones share. */
export function weighZone({ oddZone, picture }: Signals, balance: Balance, side: 'for' | 'against'): void {
  if (oddZone === undefined) return;
  const source = { operation: 'cloudwatch:GetMetricData', region: picture.region };
  const seen = evidence(
    source,
    `${oddZone.errors} connections to targets failed in ${oddZone.zone}, and next to none elsewhere`,
  );
  if (side === 'for') balance.favour(4.5, seen);
  else balance.oppose(4, seen);
}
