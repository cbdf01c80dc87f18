/** The slow query log of the database by statement, and whether there is one to read at all. Looks, and changes nothing. */
import { amount } from '../cloud/quantity.ts';
import type { LogPortion, SlowLogSettings } from '../cloud/log-facts.ts';
import type { DatabaseRef, LogGroupRef } from '../cloud/stack.ts';
import { awsLine } from '../checks/judged.ts';
import { slowEntries } from '../diagnosis/slow-log.ts';
import type { Known } from '../diagnosis/known.ts';
import { NanoopsError } from '../errors.ts';
import { lengthOf } from '../logs/patterns.ts';
import { slowDigests, type SlowDigest, type SlowPeriod } from '../logs/slow-statements.ts';
import type { SlowQueriesDocument } from '../report/schemas.ts';
import type { Sheet } from '../report/sheet.ts';
import { exitCodes } from './exit-codes.ts';
import {
  alternating,
  counted,
  iso,
  logSpans,
  partsOf,
  percent,
  shareOf,
  spanDocument,
  templateId,
  within,
  type LookedAtSpans,
} from './log-window.ts';
import { lookAt, type Looked } from './look-at.ts';
import { sitesOf } from './run-settings.ts';
import type { Session } from './session.ts';

export interface SlowQueriesWanted {
  readonly region?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

interface Found {
  readonly portion: LogPortion;
  readonly settings: SlowLogSettings;
}

const logCalls: readonly string[] = ['logs:FilterLogEvents'];
const settingCalls: readonly string[] = [
  'rds:DescribeDBClusters',
  'rds:DescribeDBInstances',
  'rds:DescribeDBClusterParameters',
  'rds:DescribeDBParameters',
];
/** Every operation by which it looks. */
export const slowQueriesCalls: readonly string[] = [...logCalls, ...settingCalls];

const bounds = { linesEach: 5_000, calls: 120 };
const leastShare = 0.5;
/** What holds where nobody has set anything (MySQL 8.0 Reference Manual, "Server System Variables"). */
const defaultLongQuerySeconds = 10;

/** @throws NanoopsError `NoLogGroup`, `UnknownRegion`, `InvalidWindow`, and as opening a session does. */
export async function slowQueries(
  session: Session,
  wanted: SlowQueriesWanted,
): Promise<{ readonly document: SlowQueriesDocument; readonly sheet: Sheet }> {
  const { group, database } = refsOf(session, wanted);
  const spans = logSpans(session.clock.now(), wanted);
  const looked = await lookAt<Found>(
    session,
    { id: 'logs-slow-queries', region: group.region, timeoutMs: wanted.timeoutMs },
    {
      portion: {
        title: 'The slow query log, now and before',
        calls: logCalls,
        run: (facts) => facts.logPortion(group, 'all', alternating(partsOf(spans.now), partsOf(spans.before)), bounds),
        detail: ({ lines }) => `${lines.length} entries`,
      },
      settings: {
        title: 'What the database is told to log',
        calls: settingCalls,
        run: (facts) => facts.slowLogSettings(database),
        detail: ({ exports }) => `exports: ${exports.join(', ') || 'none'}`,
      },
    },
  );
  const document = documentOf(session, { group, database }, spans, looked);
  return { document, sheet: sheetOf(document) };
}

function refsOf(
  { stack }: Session,
  { region }: SlowQueriesWanted,
): { readonly group: LogGroupRef; readonly database: DatabaseRef } {
  const { site } = sitesOf(stack, region);
  const prefix = site.logs?.database;
  const { database } = site;
  if (prefix === undefined || database === undefined) {
    throw new NanoopsError(
      `${database === undefined ? 'database.cluster' : 'logs.database'} is not configured for ${site.region}`,
      {
        code: 'NoLogGroup',
        exitCode: 2,
        nextStep: 'name both in nanoops.yaml: database: { cluster: … } and logs: { database: /aws/rds/cluster/… }',
      },
    );
  }
  return { group: { ...prefix, logGroup: `${prefix.logGroup}/slowquery` }, database };
}

interface Seen extends SlowPeriod {
  readonly share: number;
}

function documentOf(
  session: Session,
  { group: { region, logGroup }, database }: ReturnType<typeof refsOf>,
  { now, before }: LookedAtSpans,
  { found, at, api }: Looked<Found>,
): SlowQueriesDocument {
  const { portion, settings } = found;
  const lines = portion.known ? portion.value.lines : [];
  const covered = portion.known ? portion.value.covered : [];
  const seenIn = (window: LookedAtSpans['now']): Seen => ({
    entries: slowEntries(lines.filter((line) => line.at >= window.from && line.at < window.to)),
    lookedMs: lengthOf(within(covered, window)),
    share: shareOf(covered, window),
  });
  const [here, earlier] = [seenIn(now), seenIn(before)];
  const digests = slowDigests(here, earlier);
  const anomalies = digests.filter(({ isAnomaly }) => isAnomaly);
  const logging = loggingOf(settings);
  const problem = problemOf(session, database, portion, settings, logging, here);
  const verdict = anomalies.length > 0 ? 'attention' : problem === undefined ? 'ok' : 'unknown';
  return {
    schema: 'nanoops/slow-queries@1',
    command: 'logs slow-queries',
    environment: session.stack.environment,
    region,
    logGroup,
    generatedAt: at,
    verdict,
    exitCode: exitCodes[verdict],
    summary: summaryOf(anomalies, digests, here, logging, problem?.text),
    window: spanDocument(now, here.entries.length, here.share),
    before: spanDocument(before, earlier.entries.length, earlier.share),
    logging,
    statements: digests.map(statementDocument),
    notes: notesOf(settings, logging, here, earlier),
    nextSteps: problem?.nextStep === undefined ? [] : [problem.nextStep],
    api,
  };
}

function loggingOf(settings: Known<SlowLogSettings>): SlowQueriesDocument['logging'] {
  if (!settings.known) return { exported: null, slowQueryLog: null, toFile: null, longQuerySeconds: null };
  const { exports, slowQueryLog, longQueryTime, logOutput } = settings.value;
  const longest = longQueryTime === undefined ? defaultLongQuerySeconds : Number(longQueryTime);
  return {
    exported: exports.includes('slowquery'),
    // Off unless somebody turned it on.
    slowQueryLog: slowQueryLog !== undefined && /^(?:1|on)$/i.test(slowQueryLog),
    // Aurora writes files unless somebody said otherwise.
    toFile: logOutput === undefined || /\bfile\b/i.test(logOutput),
    longQuerySeconds: Number.isFinite(longest) ? longest : null,
  };
}

interface Problem {
  readonly text: string;
  readonly nextStep?: string;
}

function exportLine(session: Session, { region, cluster }: DatabaseRef): string {
  return awsLine(
    session,
    region,
    ...['rds', 'modify-db-cluster', '--db-cluster-identifier', cluster],
    ...['--cloudwatch-logs-export-configuration', '{"EnableLogTypes":["slowquery"]}'],
  );
}

function problemOf(
  session: Session,
  database: DatabaseRef,
  portion: Known<LogPortion>,
  settings: Known<SlowLogSettings>,
  { slowQueryLog, exported, toFile }: SlowQueriesDocument['logging'],
  here: Seen,
): Problem | undefined {
  if (slowQueryLog === false) {
    return {
      text: 'slow_query_log is off: the database writes no slow query log',
      nextStep: 'set slow_query_log = 1 and long_query_time = 0.5 in the cluster’s parameter group',
    };
  }
  if (toFile === false) {
    return {
      text: 'log_output is TABLE: the slow query log goes into mysql.slow_log, and not to CloudWatch',
      nextStep: 'set log_output = FILE in the cluster’s parameter group',
    };
  }
  if (exported === false) {
    return {
      text: 'the export of the slow query log to CloudWatch is off',
      nextStep: exportLine(session, database),
    };
  }
  if (!portion.known) return unknownBecause(portion);
  if (!settings.known && here.entries.length === 0) return unknownBecause(settings);
  if (here.share < leastShare) return { text: `only ${percent(here.share)} of the span could be searched` };
  return undefined;
}

function unknownBecause({ reason, nextStep }: Extract<Known<unknown>, { known: false }>): Problem {
  const text = reason.replace(/\.? What needed it is unknown\.$/, '');
  return { text, ...(nextStep === undefined ? {} : { nextStep }) };
}

function summaryOf(
  anomalies: readonly SlowDigest[],
  digests: readonly SlowDigest[],
  { entries }: Seen,
  { longQuerySeconds }: SlowQueriesDocument['logging'],
  problem: string | undefined,
): string {
  const [first] = digests;
  const all = `${counted(entries.length, 'slow execution')} of ${counted(digests.length, 'statement')}`;
  if (anomalies.length > 0) {
    const worst = anomalies[0];
    return `${counted(anomalies.length, 'statement')} new or more often slow: ${all}${worst === undefined ? '' : `; ${seconds(worst.totalSeconds)} in the worst`}`;
  }
  if (problem !== undefined) return `Could not tell: ${problem}`;
  if (first === undefined)
    return longQuerySeconds === null
      ? 'No slow statements'
      : `No statement took longer than ${seconds(longQuerySeconds)}`;
  return `No more slow than before: ${all}, ${seconds(first.totalSeconds)} in the slowest`;
}

function statementDocument(digest: SlowDigest): SlowQueriesDocument['statements'][number] {
  const { shape, rowsSent, rowsExamined, firstAt, lastAt, change, isAnomaly, users, ...rest } = digest;
  return {
    id: templateId(shape),
    statement: shape,
    count: rest.count,
    before: rest.before,
    change: change ?? null,
    anomaly: isAnomaly,
    totalSeconds: rounded(rest.totalSeconds),
    meanSeconds: rounded(rest.meanSeconds),
    p95Seconds: rounded(rest.p95Seconds),
    maxSeconds: rounded(rest.maxSeconds),
    lockSeconds: rounded(rest.lockSeconds),
    rowsSent,
    rowsExamined,
    rowsExaminedPerRowSent: rowsSent === 0 ? null : rounded(rowsExamined / rowsSent),
    firstSeen: iso(firstAt),
    lastSeen: iso(lastAt),
    users,
    example: rest.example,
  };
}

function notesOf(
  settings: Known<SlowLogSettings>,
  { longQuerySeconds }: SlowQueriesDocument['logging'],
  here: Seen,
  earlier: Seen,
): readonly string[] {
  const isDefault = settings.known && settings.value.longQueryTime === undefined;
  return [
    ...(longQuerySeconds === null
      ? []
      : [
          `Only what takes longer than long_query_time is logged: ${seconds(longQuerySeconds)}${isDefault ? ', the default' : ''}${longQuerySeconds > 0.5 ? '. Set it to 0.5 to see what the alert threshold of 500 ms is about' : ''}`,
        ]),
    ...(settings.known ? [] : ['What the database is told to log could not be read: statements may be missing']),
    ...(here.share < 1 ? [`${percent(here.share)} of the span was searched, the newest of it first`] : []),
    ...(earlier.share < 1 ? [`${percent(earlier.share)} of the time before was searched`] : []),
  ];
}

const mostRows = 20;

function sheetOf(document: SlowQueriesDocument): Sheet {
  const { statements, before } = document;
  const shown = statements.slice(0, mostRows);
  const rest = statements.length - shown.length;
  return {
    command: document.command,
    environment: document.environment,
    verdict: document.verdict,
    exitCode: document.exitCode,
    generatedAt: document.generatedAt,
    headline: document.summary,
    tables: [
      {
        title: `Statements in ${document.logGroup}`,
        columns: [
          { title: 'count', right: true },
          { title: 'before', right: true },
          { title: 'total', right: true },
          { title: 'p95', right: true },
          { title: 'rows read per row sent', right: true },
          { title: 'statement' },
        ],
        rows: shown.map((each) => [
          `${each.anomaly ? '! ' : ''}${amount(each.count, 'count')}`,
          before.searched === 0 ? '' : amount(each.before, 'count'),
          seconds(each.totalSeconds),
          seconds(each.p95Seconds),
          each.rowsExaminedPerRowSent === null
            ? `${amount(each.rowsExamined, 'count')} for none`
            : amount(Math.round(each.rowsExaminedPerRowSent), 'count'),
          each.statement,
        ]),
      },
    ],
    details: shown.map(
      ({ anomaly, change, count, totalSeconds, maxSeconds, example, users, firstSeen, lastSeen, id }) => ({
        title: `${anomaly ? `${change ?? ''}: ` : ''}${counted(count, 'execution')}, ${seconds(totalSeconds)} in all, ${seconds(maxSeconds)} at most`,
        lines: [
          example,
          `${firstSeen.slice(0, 19)}Z to ${lastSeen.slice(0, 19)}Z${users.length === 0 ? '' : `, by ${users.join(', ')}`} (statement ${id})`,
        ],
        isMinor: !anomaly,
      }),
    ),
    remarks: [...(rest > 0 ? [`${counted(rest, 'more statement')}: -o json has all of them`] : []), ...document.notes],
    nextSteps: document.nextSteps,
    calls: document.api.calls,
  };
}

function seconds(value: number): string {
  if (value < 1) return `${Math.round(value * 1_000)} ms`;
  return `${amount(value >= 100 ? Math.round(value) : Number(value.toFixed(1)), 'count')} s`;
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
