/** The database refuses connections or fails statements. */
import { evidence } from '../../evidence.ts';
import { valueOf } from '../../known.ts';
import { beforeText, opposeBalancer, weighMessages, weighOrigins, type ErrorCause } from '../cause.ts';
import { minutesBefore, risenMessages } from '../signals.ts';

/** What RDS did so long before the onset, or so soon after, may have to do with it. */
const nearMinutes = 15;

export const databaseFailing: ErrorCause = {
  id: 'database-failing',
  component: ({ picture }) => picture.names.database,
  weigh: (signals, balance) => {
    const { picture } = signals;
    weighOrigins(signals, balance, 'database');
    weighMessages(signals, balance, 2, 'database');
    const state = valueOf(picture.database);
    if (state !== undefined && state.status !== 'available') {
      balance.favour(1.5, evidence(state.source, `the cluster is ${state.status}`));
    }
    const near = (valueOf(picture.databaseEvents) ?? []).find(
      ({ at, kind }) => kind !== 'other' && Math.abs(minutesBefore(signals, at) ?? Infinity) <= nearMinutes,
    );
    if (near !== undefined) {
      const source = { operation: 'rds:DescribeEvents', region: picture.region };
      const message = near.message.replace(/\.$/, '');
      balance.favour(1, evidence(source, `${near.about}: ${message}, ${beforeText(signals, near.at)}`));
    }
    opposeBalancer(signals, balance, 2);
  },
  summary: (signals, component) => {
    const told = risenMessages(signals, 'database')?.example;
    return `${component} fails what the API asks of it${told === undefined ? '' : `: ${told}`}`;
  },
};
