/** The database's security groups do not let the service in: packets vanish, whichever instance is the writer. */
import { reads, seen, weighLines, type DatabaseCause } from '../cause.ts';
import { valueOf } from '../../known.ts';
import { countOfKind, missing } from '../signals.ts';

export const securityGroupChanged: DatabaseCause = {
  id: 'security-group-changed',
  component: ({ picture }) => picture.names.database,
  weigh: (signals, balance) => {
    const { picture, admission, spell, state } = signals;
    weighLines(signals, balance, 'unreachable', { many: 1.5, none: 4 });
    const unreached = (spell?.errors ?? []).filter(({ kind }) => kind === 'unreachable');
    const refused = unreached.filter(({ unreached: how }) => how === 'refused').length;
    const timedOut = unreached.filter(({ unreached: how }) => how === 'timed-out').length;
    if (countOfKind(signals, 'unreachable') !== undefined && refused > timedOut) {
      const heard = 'connections are refused: a security group leaves them without an answer';
      balance.oppose(2, seen(signals, reads.log, heard));
    } else if (timedOut > 0) {
      balance.favour(0.7, seen(signals, reads.log, `${timedOut} attempts timed out, as without an answer`));
    }
    if (admission?.verdict === 'refused') balance.favour(5, seen(signals, reads.rules, admission.detail));
    else if (admission?.verdict === 'admitted') balance.oppose(6, seen(signals, reads.rules, admission.detail));
    else if (admission !== undefined) balance.miss(seen(signals, reads.rules, admission.detail));
    for (const each of missing(picture.ingress, reads.rules, picture.region)) balance.miss(each);
    for (const each of missing(picture.service, reads.service, picture.region)) balance.miss(each);
    if (state !== undefined && (state.port === undefined || state.securityGroups.length === 0)) {
      balance.miss(seen(signals, reads.cluster, 'the cluster\u2019s port or security groups were not told'));
    }
  },
  summary: ({ admission, picture, state }, component) => {
    const group = state?.securityGroups[0] ?? valueOf(picture.ingress)?.[0]?.group;
    return `${group ?? component} does not let ${picture.names.service} in${admission === undefined ? '' : `: ${admission.detail}`}`;
  },
};
