/**
 * Statements, as the server counted them, and how it would run them. Counters since the server started, or since somebody
 * reset them; plans are the server's estimates (MySQL 8.0 Reference Manual, "Statement Summary Tables", "EXPLAIN Output Format").
 */
import type { IndexSurvey, StatementDigest, StatementPlan, StatementSurvey } from '../../cloud/inspection.ts';
import { indexCandidate, type IndexCandidate } from '../../diagnosis/index-candidate.ts';
import type { Known } from '../../diagnosis/known.ts';
import { check, type CheckTold } from '../check.ts';
import { ok, unknown, warning, type Judged, type Observed } from '../judged.ts';
import { dayMs } from '../kit.ts';
import { amount } from '../limits.ts';
import { seen } from './observations.ts';
import { linesOf, shortened, sql, unseenThere } from './origins.ts';

const area = 'database';
const digests = 'performance_schema.events_statements_summary_by_digest';
/** What has not run for so long is no load any more. */
const recentMs = 7 * dayMs;
/** Reading so many rows by the way is cheaper than an index that has to be kept. */
const manyRows = 1_000;

type Judge = (recent: readonly StatementDigest[], survey: StatementSurvey, told: CheckTold) => Judged;

/** Judges what ran of late; that there is nothing to judge is not that all is well. */
function judging(judge: Judge) {
  return ({ statements }: { readonly statements: Known<StatementSurvey> }, told: CheckTold): Judged => {
    const origin = sql(told, digests);
    if (!statements.known) return unseenThere(statements, origin);
    const survey = statements.value;
    const recent = survey.statements.filter(({ lastAt }) => told.nowMs - lastAt <= recentMs);
    if (recent.length > 0) return judge(recent, survey, told);
    const text = 'the server counted no statement of the last 7 days';
    return unknown(
      text,
      linesOf(origin, [text], (line) => line),
      {
        nextStep:
          "UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'statements_digest'; and look again once it has counted some",
      },
    );
  };
}

export const slowStatements = check('tune-slow-statements', {
  title: 'Slow statements',
  area,
  severity: 'warning',
  needs: { statements: seen.statements },
  judge: judging((recent, survey, told) => {
    const limitMs = slowMs(told);
    const slow = recent.filter((each) => timeOf(each) > limitMs).toSorted((a, b) => timeOf(b) - timeOf(a));
    const [slowest] = slow.length > 0 ? slow : recent.toSorted((a, b) => timeOf(b) - timeOf(a));
    const found = linesOf(sql(told, digests), slow.length > 0 ? slow : recent.slice(0, 5), statementText);
    const extras = { target: `<${amount(limitMs, 'ms')}`, ...observedOf(slowest) };
    if (slow.length === 0) {
      const text = `none of the costliest ${recent.length} of ${survey.counted} statements takes longer than ${amount(limitMs, 'ms')}`;
      return ok(text, found, extras);
    }
    return warning(
      `${counted(slow.length, 'statement takes', 'statements take')} longer than ${amount(limitMs, 'ms')}, up to ${amount(timeOf(slow[0]), 'ms')}: ${shortened(slow[0]?.shape ?? '')}`,
      found,
      { ...extras, nextStep: 'each with its plan, and candidates for indexes: nanoops tune database -v' },
    );
  }),
});

export const fullScans = check('tune-full-scans', {
  title: 'Full scans',
  area,
  severity: 'warning',
  needs: { statements: seen.statements },
  judge: judging((recent, _survey, told) => {
    const scanning = recent.filter(readsWhole);
    if (scanning.length === 0) {
      return ok(
        `none of ${recent.length} statements reads all of a table or index of ${manyRows} rows or more`,
        planLines(recent, told),
      );
    }
    return warning(
      `${counted(scanning.length, 'statement reads', 'statements read')} all of a table or index: ${shortened(scanning[0]?.shape ?? '')}`,
      linesOf(sql(told, digests), scanning, statementText),
      { nextStep: 'see tune-missing-indexes for what might serve them' },
    );
  }),
});

export const sorts = check('tune-sorts', {
  title: 'Sorts, temporary tables',
  area,
  severity: 'info',
  needs: { statements: seen.statements },
  judge: judging((recent, _survey, told) => {
    const sorting = recent.filter(sortsMuch);
    if (sorting.length === 0) {
      return ok(
        `none of ${recent.length} statements sorts ${manyRows} rows or writes a temporary table to disk`,
        planLines(recent, told),
      );
    }
    return warning(
      `${counted(sorting.length, 'statement sorts many rows or writes', 'statements sort many rows or write')} temporary tables to disk: ${shortened(sorting[0]?.shape ?? '')}`,
      linesOf(sql(told, digests), sorting, statementText),
      {
        nextStep:
          'an index in the order of ORDER BY or GROUP BY saves the sort; long columns (TEXT, BLOB) keep it from memory',
      },
    );
  }),
});

const leadingWildcard = /\bLIKE ?'%\?'/i;

/** Only a sampled execution tells: the server's own summary has no values. */
export const leadingWildcards = check('tune-leading-wildcards', {
  title: 'Leading wildcards',
  area,
  severity: 'warning',
  needs: { statements: seen.statements },
  judge: judging((recent, _survey, told) => {
    const found = recent.filter(({ shape }) => leadingWildcard.test(shape));
    // Of an execution, it shows that there is none.
    const open = recent.filter(({ shape, isSampled }) => !isSampled && /\bLIKE\b/i.test(shape));
    if (found.length > 0) {
      return warning(
        `${counted(found.length, 'statement searches', 'statements search')} with a leading wildcard, which no B-tree index can serve: ${shortened(found[0]?.shape ?? '')}`,
        linesOf(sql(told, digests), found, statementText),
        { nextStep: 'a FULLTEXT index and MATCH \u2026 AGAINST; see tune-missing-indexes' },
      );
    }
    if (open.length > 0) {
      return unknown(
        `the server keeps no execution of ${counted(open.length, 'statement that has a LIKE', 'statements that have a LIKE')}: ${shortened(open[0]?.shape ?? '')}`,
        linesOf(sql(told, digests), open, statementText),
        { nextStep: 'look for LIKE in the application\u2019s code' },
      );
    }
    return ok(`none of ${recent.length} statements searches with a leading wildcard`, planLines(recent, told));
  }),
});

interface Candidate extends IndexCandidate {
  readonly of: StatementDigest;
}

/** Text for a person to judge. Nothing is ever created. */
export const missingIndexes = check('tune-missing-indexes', {
  title: 'Missing indexes',
  area,
  severity: 'info',
  needs: { statements: seen.statements, indexes: seen.indexes },
  judge: ({ statements, indexes }, told) =>
    judging((recent) => {
      const needy = recent.filter(
        (each) =>
          readsWhole(each) || sortsMuch(each) || leadingWildcard.test(each.shape) || timeOf(each) > slowMs(told),
      );
      const known = indexes.known ? indexes.value : undefined;
      const candidates = new Map<string, Candidate>();
      for (const each of needy) {
        const candidate = indexCandidate(each.shape, each.schema);
        if (candidate === undefined || isThere(candidate, each, known)) continue;
        if (!candidates.has(candidate.statement)) candidates.set(candidate.statement, { ...candidate, of: each });
      }
      const [first] = [...candidates.values()];
      const origin = sql(told, digests);
      if (first === undefined) {
        return ok(
          needy.length === 0
            ? 'no statement calls for one'
            : `no candidate for ${counted(needy.length, 'statement', 'statements')} that would need one: their shape does not prove which columns are meant`,
          linesOf(origin, needy, statementText),
        );
      }
      return warning(
        `${counted(candidates.size, 'candidate', 'candidates')} for a person to judge: ${first.statement}`,
        linesOf(
          origin,
          [...candidates.values()],
          ({ statement, reason, of }) => `${statement} (${reason}), for ${shortened(of.shape, 200)}`,
        ),
        {
          nextStep:
            'try it on a copy, with EXPLAIN before and after: every index costs each write; nanoops creates none',
        },
      );
    })({ statements }, told),
});

/**
 * An index that begins with the candidate's columns, in any order of those, is there already; a full-text index serves just
 * the columns that it has.
 */
function isThere(candidate: IndexCandidate, { schema }: StatementDigest, survey: IndexSurvey | undefined): boolean {
  const table = candidate.table.split('.').at(-1)?.replaceAll('`', '').toLowerCase();
  const kind = /^CREATE FULLTEXT\b/.test(candidate.statement) ? 'FULLTEXT' : 'BTREE';
  const wanted = new Set(candidate.columns.map((column) => column.toLowerCase()));
  return (
    survey?.indexes.some((index) => {
      if (index.kind !== kind || index.table.toLowerCase() !== table) return false;
      if (schema !== undefined && index.schema !== schema) return false;
      const columns = index.columns.map(({ name }) => name.toLowerCase());
      const leading = kind === 'FULLTEXT' ? columns : columns.slice(0, wanted.size);
      return leading.length === wanted.size && leading.every((column) => wanted.has(column));
    }) ?? false
  );
}

/** What a statement takes: 95 of 100 executions stay below, where the server keeps a histogram; else on average. */
function timeOf(each: StatementDigest | undefined): number {
  return each === undefined ? 0 : (each.p95Ms ?? each.averageMs);
}

/** From what on a statement is slow: the threshold of the alert for slow queries. */
function slowMs({ limits }: CheckTold): number {
  const { alert, target } = limits['alert-slow-queries'];
  return alert ?? target ?? 500;
}

function observedOf(slowest: StatementDigest | undefined): { observed?: Observed } {
  return slowest === undefined
    ? {}
    : { observed: { value: Math.round(timeOf(slowest) * 10) / 10, unit: 'ms', atMs: slowest.lastAt } };
}

function planOf({ plan }: StatementDigest): StatementPlan | undefined {
  return typeof plan === 'string' ? undefined : plan;
}

/** The whole table, or all of an index. */
const scans: ReadonlySet<string> = new Set(['ALL', 'index']);

/** By its plan; and by its counters, where there is none or the plan was another when it ran. */
function readsWhole(each: StatementDigest): boolean {
  const scanned = planOf(each)?.tables.some(({ access, rows = 0 }) => scans.has(access) && rows >= manyRows) ?? false;
  return scanned || (each.withoutIndex > 0 && each.rowsExamined / Math.max(1, each.executions) >= manyRows);
}

function sortsMuch(each: StatementDigest): boolean {
  const plan = planOf(each);
  const rows = Math.max(0, ...(plan?.tables.map((table) => table.rows ?? 0) ?? []));
  return each.temporaryTablesOnDisk > 0 || (plan !== undefined && plan.sortsRows && rows >= manyRows);
}

function planLines(recent: readonly StatementDigest[], told: CheckTold) {
  const planned = recent.filter((each) => planOf(each) !== undefined).length;
  return linesOf(
    sql(told, digests),
    [`${planned} of ${recent.length} statements have a plan; the others are judged by their counters`],
    (line) => line,
  );
}

function planText(each: StatementDigest): string {
  const { plan } = each;
  if (typeof plan === 'string') return `no plan: ${plan}`;
  const tables = plan.tables.map(({ table, access, index, rows }) =>
    [
      table,
      access === 'ALL' ? 'full scan (ALL)' : access === 'index' ? 'all of an index (index)' : access,
      ...(index === undefined ? [] : [`by ${index}`]),
      ...(rows === undefined ? [] : [`~${rows} rows`]),
    ].join(' '),
  );
  return `plan: ${[...tables, ...(plan.sortsRows ? ['filesort'] : []), ...(plan.usesTemporaryTable ? ['temporary table'] : [])].join(', ') || 'reads no table'}`;
}

function statementText(each: StatementDigest): string {
  const { p95Ms, averageMs, executions, rowsExamined, rowsSent, temporaryTablesOnDisk } = each;
  const times = `${p95Ms === undefined ? '' : `p95 ${amount(p95Ms, 'ms')}, `}on average ${amount(averageMs, 'ms')}`;
  const rows = `${Math.round(rowsExamined / Math.max(1, executions))} rows read for ${Math.round(rowsSent / Math.max(1, executions))} given`;
  const disk = temporaryTablesOnDisk > 0 ? `, ${temporaryTablesOnDisk} temporary tables on disk` : '';
  return `${times}, ${executions} times, ${rows}${disk}; ${planText(each)}; ${shortened(each.shape, 240)}`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
