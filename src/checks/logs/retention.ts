/** How long logs are kept, and whether they are there at all. */
import type { LogGroup } from '../../cloud/log-facts.ts';
import type { Known } from '../../diagnosis/known.ts';
import { evidence } from '../../diagnosis/evidence.ts';
import { check, type CheckTold } from '../check.ts';
import {
  awsLine,
  breach,
  inTurn,
  listed,
  notConfigured,
  ok,
  unseen,
  warning,
  type Judged,
  type Origin,
} from '../judged.ts';
import { seenLogs } from './observations.ts';

const area = 'logs';

/** Days, by environment; another environment has to say for itself (`logs.retention`). */
const daysByEnvironment: Readonly<Record<string, number>> = { prod: 7, staging: 3, dev: 1 };

function originIn({ site }: CheckTold): Origin {
  return { operation: 'logs:DescribeLogGroups', region: site.region };
}

function wantedDays({ logging, stack }: CheckTold): number | undefined {
  return logging?.retentionDays ?? daysByEnvironment[stack.environment];
}

/** `required`: the names that have to be there; `others`: whether the rest of what was found is judged too. */
function judgeGroups(
  known: Known<readonly LogGroup[]>,
  told: CheckTold,
  required: readonly string[],
  others: (group: LogGroup) => boolean,
): Judged {
  const origin = originIn(told);
  if (!known.known) return unseen(known, origin);
  const missing = required.filter((name) => !known.value.some((group) => group.name === name));
  if (missing.length > 0) {
    const made = missing.map((name) =>
      awsLine(told, origin.region, 'logs', 'create-log-group', '--log-group-name', name),
    );
    const text = `${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} not there in ${origin.region}`;
    return breach(text, [evidence(origin, text)], {
      nextStep: `correct the name in nanoops.yaml, or have the group made: ${inTurn(made) ?? ''}`,
    });
  }
  const judged = known.value.filter((group) => required.includes(group.name) || others(group));
  return judgeDays(judged, told, origin);
}

function judgeDays(groups: readonly LogGroup[], told: CheckTold, origin: Origin): Judged {
  const wanted = wantedDays(told);
  const found = groups.map(({ name, retentionDays }) =>
    evidence(origin, `${name}: ${retentionDays === undefined ? 'never expires' : days(retentionDays)}`),
  );
  const wrong = groups.filter(
    ({ retentionDays }) => retentionDays === undefined || (wanted !== undefined && retentionDays !== wanted),
  );
  const shortest = groups.flatMap(({ retentionDays }) => retentionDays ?? []);
  const extras = {
    ...(wanted === undefined ? {} : { target: days(wanted) }),
    ...(shortest.length === 0 ? {} : { observed: { value: Math.min(...shortest), unit: 'days' } }),
  };
  if (wrong.length === 0) {
    const text =
      wanted === undefined
        ? `kept for ${listed([...new Set(shortest.map(days))])}; how long they should be in ${told.stack.environment} is not configured (logs.retention)`
        : `kept for ${days(wanted)}: ${listed(groups.map(({ name }) => name))}`;
    return ok(text, found, extras);
  }
  const text = wrong
    .map(({ name, retentionDays }) =>
      retentionDays === undefined ? `${name} never expires` : `${name} is kept for ${days(retentionDays)}`,
    )
    .join('; ');
  return warning(
    wanted === undefined ? text : `${text}; ${days(wanted)} are wanted in ${told.stack.environment}`,
    found,
    {
      ...extras,
      nextStep: inTurn(
        wrong.map(({ name }) =>
          awsLine(
            told,
            origin.region,
            ...['logs', 'put-retention-policy', '--log-group-name', name],
            ...['--retention-in-days', wanted === undefined ? '<days>' : String(wanted)],
          ),
        ),
      ),
    },
  );
}

function days(count: number): string {
  return `${count} ${count === 1 ? 'day' : 'days'}`;
}

export const applicationRetention = check('logs-retention-application', {
  title: 'Log of the service',
  area,
  severity: 'warning',
  needs: { groups: seenLogs.applicationGroups },
  judge: ({ groups }, told) => {
    const name = told.site.logs?.application?.logGroup;
    return name === undefined
      ? notConfigured('logs.application is not configured')
      : judgeGroups(groups, told, [name], () => false);
  },
});

/** A group is made with the first line in it: one that the database does not export is judged by `logs-database-exports`. */
export const databaseLogRetention = check('logs-retention-database', {
  title: 'Logs of the database',
  area,
  severity: 'warning',
  needs: { groups: seenLogs.databaseGroups },
  judge: ({ groups }, told) => {
    const prefix = told.site.logs?.database?.logGroup;
    if (prefix === undefined) return notConfigured('logs.database is not configured');
    return judgeGroups(groups, told, [`${prefix}/error`, `${prefix}/slowquery`], ({ name }) =>
      [`${prefix}/general`, `${prefix}/audit`].includes(name),
    );
  },
});

export const cacheRetention = check('logs-retention-cache', {
  title: 'Log of the cache',
  area,
  severity: 'warning',
  needs: { groups: seenLogs.cacheGroups },
  judge: ({ groups }, told) => {
    const name = told.site.logs?.cache?.logGroup;
    return name === undefined
      ? notConfigured('logs.cache is not configured')
      : judgeGroups(groups, told, [name], () => false);
  },
});

/** The general log holds every statement with its values, and costs accordingly: nobody is asked to turn it on. */
export const databaseExports = check('logs-database-exports', {
  title: 'Log exports of the database',
  area,
  severity: 'warning',
  needs: { exports: seenLogs.exports },
  judge: ({ exports }, told) => {
    const origin = { operation: 'rds:DescribeDBClusters', region: told.site.region };
    if (!exports.known) return unseen(exports, origin);
    const off = ['error', 'slowquery'].filter((name) => !exports.value.includes(name));
    const found = [evidence(origin, `log exports that are on: ${exports.value.join(', ') || 'none'}`)];
    if (off.length === 0) {
      const general = exports.value.includes('general')
        ? ''
        : '; general is off, and would log every statement with its values';
      return ok(`${exports.value.join(' and ')} are exported${general}`, found);
    }
    return breach(`${listed(off)} ${off.length === 1 ? 'is' : 'are'} not exported to CloudWatch`, found, {
      nextStep: awsLine(
        told,
        origin.region,
        ...['rds', 'modify-db-cluster', '--db-cluster-identifier', told.site.database?.cluster ?? '<cluster>'],
        ...['--cloudwatch-logs-export-configuration', `EnableLogTypes=${off.join(',')}`],
      ),
    });
  },
});
