/** What the judgements of `tune` are tried with: everything known and well, less what a test says. */
import type { Check, CheckTold } from '../../../src/checks/check.ts';
import type { Judged } from '../../../src/checks/judged.ts';
import type { TuningSettings } from '../../../src/checks/tune/settings.ts';
import type { StatementDigest, StatementPlan, TableIndex, WebAnswer } from '../../../src/cloud/inspection.ts';
import { limitsOf } from '../../../src/use-cases/check-report.ts';

export const nowMs = Date.UTC(2026, 10, 23, 11, 3, 0);
export const dayMs = 86_400_000;

export const tuning: TuningSettings = {
  hasDatabaseConnection: true,
  hasCacheConnection: true,
  pool: { size: 20, overflow: 10, recycleMs: 3_600_000, workersPerTask: 1, isConfigured: true },
  ttls: { 'session:*': 3_600_000, 'search:*': 1_800_000 },
  cdn: { distribution: 'E1', url: 'https://nano.example/', probes: ['/api/v1/nanos'] },
};

/** How an observation ended: its value, `null` where nothing was configured, an error where it could not be seen. */
export type Ended = Readonly<Record<string, unknown>>;

/** `ended` by the ids of the observations, without `tune-`. What is not in it was not configured. */
export function judge(check: Check, ended: Ended, more: Partial<TuningSettings> = {}): Judged {
  const site = { region: 'us-west-2' };
  const told = {
    stack: { service: 'nano-api', environment: 'prod', primary: site },
    site,
    until: nowMs,
    limits: limitsOf(),
    rpoMs: 900_000,
    awsOptions: [],
    nowMs,
    tuning: { ...tuning, ...more },
  };
  return check.judge(
    ({ id }) => {
      const value = ended[id.replace(/^tune-/, '')];
      if (value === undefined) return { known: false, because: 'skipped', reason: `${id} is not configured` };
      if (value instanceof Error) {
        return { known: false, because: 'unknown', reason: value.message, errorClass: 'denied', nextStep: 'grant it' };
      }
      return { known: true, value };
    },
    // What judgements of `tune` read of the settings.
    told as unknown as CheckTold,
  );
}

export const byId: StatementPlan = {
  tables: [{ table: 'nanos', access: 'const', index: 'PRIMARY', rows: 1 }],
  sortsRows: false,
  usesTemporaryTable: false,
};

export function digest(more: Partial<StatementDigest> = {}): StatementDigest {
  return {
    shape: 'SELECT id FROM nanos WHERE id = ?',
    isSampled: true,
    schema: 'shop',
    executions: 100,
    totalMs: 1_000,
    averageMs: 10,
    rowsExamined: 100,
    rowsSent: 100,
    withoutIndex: 0,
    temporaryTables: 0,
    temporaryTablesOnDisk: 0,
    firstAt: nowMs - 30 * dayMs,
    lastAt: nowMs - 1_000,
    plan: byId,
    ...more,
  };
}

export function survey(...statements: readonly StatementDigest[]) {
  return { statements, counted: statements.length, isFull: false };
}

export function index(name: string, columns: readonly string[], more: Partial<TableIndex> = {}): TableIndex {
  return {
    schema: 'shop',
    table: 'nanos',
    name,
    columns: columns.map((column) => ({ name: column })),
    isUnique: name === 'PRIMARY',
    kind: 'BTREE',
    servesForeignKey: false,
    uses: 5,
    ...more,
  };
}

export function answer(path: string, type: string, more: Partial<WebAnswer> = {}): WebAnswer {
  const { headers, ...rest } = more;
  return {
    url: `https://nano.example${path}`,
    status: 200,
    headers: { 'content-type': type, ...headers },
    text: '',
    isCut: false,
    ...rest,
  };
}
