/** The database answers, and refuses the service's user. */
import { minutesBefore, reads, seen, weighLines, type DatabaseCause } from '../cause.ts';
import { countOfKind, missing } from '../signals.ts';

const shortlyMs = 30 * 60_000;

export const databaseCredentials: DatabaseCause = {
  id: 'database-credentials',
  component: ({ picture }) => picture.names.database,
  weigh: (signals, balance) => {
    const { picture, state, service } = signals;
    weighLines(signals, balance, 'credentials', { many: 4.5, none: 5 });
    const lines = countOfKind(signals, 'credentials');
    if (lines === undefined) return;
    if (state?.status === 'resetting-master-credentials') {
      balance.favour(1, seen(signals, reads.cluster, 'the cluster\u2019s master password is being changed'));
    }
    for (const each of missing(picture.service, reads.service, picture.region)) balance.miss(each);
    const rollout = service?.deployments.find(
      ({ status, createdAt }) =>
        status === 'primary' && createdAt <= lines.firstAt && createdAt >= lines.firstAt - shortlyMs,
    );
    if (rollout !== undefined) {
      const when = minutesBefore(signals, rollout.createdAt);
      balance.favour(1, seen(signals, reads.service, `a deployment began ${when}, before the first refusal`));
    }
  },
  summary: ({ picture }, component) =>
    `${component} refuses the user that ${picture.names.service} connects as: check the password that it was started with`,
};
