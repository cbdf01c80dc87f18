/** The checks of logging: every state at its edges. */
import { describe, expect, test } from 'vitest';
import type { Check } from '../../src/checks/check.ts';
import { logChecks } from '../../src/checks/catalogue.ts';
import { weeklyErrorLogs } from '../../src/checks/weekly/error-logs.ts';
import { checkSettings } from '../../src/use-cases/check-report.ts';
import { parseConfig } from '../../src/config/load.ts';
import { stackOf } from '../../src/config/stack.ts';
import { sandboxConfig } from '../../src/sandbox/sandbox.ts';
import type { Session } from '../../src/use-cases/session.ts';

const nowMs = Date.UTC(2026, 10, 23, 11, 0, 0);
const source = { operation: 'logs:FilterLogEvents', region: 'us-west-2', detail: 'x' };

function told(changes: object = {}, kept?: readonly unknown[]) {
  const config = parseConfig({ ...sandboxConfig, ...changes }, 'test');
  const session = { config, stack: stackOf(config), awsOptions: [], clock: { now: () => nowMs } } as unknown as Session;
  return {
    ...checkSettings(session, {}),
    nowMs,
    ...(kept === undefined ? {} : { kept: { known: true as const, value: { 'weekly-error-logs': kept } } }),
  };
}

const known = (value: unknown) => ({ known: true, value });
const denied = { known: false, because: 'unknown', reason: 'logs in us-west-2: no permission', nextStep: 'allow it' };
const skipped = { known: false, because: 'skipped', reason: 'logs is not configured' };

function judge(id: string, ended: unknown, settings = told()) {
  const check: Check | undefined = [...logChecks, weeklyErrorLogs].find((each) => each.id === id);
  if (check === undefined) throw new Error(`there is no check ${id}`);
  return check.judge(() => ended, settings);
}

describe('retention', () => {
  const group = (retentionDays?: number, name = '/aws/ecs/nano-api') => ({
    name,
    ...(retentionDays === undefined ? {} : { retentionDays }),
  });
  test.each<[string, unknown, object, string, string]>([
    ['seven days in prod', known([group(7)]), {}, 'ok', 'kept for 7 days'],
    ['six', known([group(6)]), {}, 'warning', 'is kept for 6 days; 7 days are wanted in prod'],
    ['eight', known([group(8)]), {}, 'warning', 'is kept for 8 days'],
    ['for ever', known([group()]), {}, 'warning', 'never expires'],
    ['three in staging', known([group(3)]), { environment: 'staging' }, 'ok', '3 days'],
    ['one in dev', known([group(1)]), { environment: 'dev' }, 'ok', '1 day'],
    ['any in another environment', known([group(90)]), { environment: 'load' }, 'ok', 'is not configured'],
    ['for ever in another environment', known([group()]), { environment: 'load' }, 'warning', 'never expires'],
    ['as configured', known([group(30)]), { logs: { ...sandboxConfig.logs, retention: 30 } }, 'ok', '30 days'],
    ['not there', known([]), {}, 'breach', 'is not there in us-west-2'],
    ['one whose name only begins so', known([group(7, '/aws/ecs/nano-api-canary')]), {}, 'breach', 'is not there'],
    ['not allowed to look', denied, {}, 'unknown', 'no permission'],
    ['not configured', skipped, { logs: {} }, 'not-configured', 'logs.application'],
  ])('%s', (_, ended, changes, status, words) => {
    const found = judge('logs-retention-application', ended, told(changes));
    expect(found).toMatchObject({ status, summary: expect.stringContaining(words) });
  });

  test('of the database the general log counts where it is there', () => {
    const name = (kind: string) => `/aws/rds/cluster/nano-db/${kind}`;
    const both = [group(7, name('error')), group(7, name('slowquery'))];
    expect(judge('logs-retention-database', known(both)).status).toBe('ok');
    const put = (kind: string) =>
      `aws logs put-retention-policy --log-group-name ${name(kind)} --retention-in-days 7 --region us-west-2`;
    const forEver = [group(undefined, name('error')), group(8, name('slowquery'))];
    expect(judge('logs-retention-database', known(forEver)).nextStep).toBe(`${put('error')} && ${put('slowquery')}`);
    const make = (kind: string) => `aws logs create-log-group --log-group-name ${name(kind)} --region us-west-2`;
    expect(judge('logs-retention-database', known([])).nextStep).toContain(
      `: ${make('error')} && ${make('slowquery')}`,
    );
    expect(judge('logs-retention-database', known(both.slice(1))).status).toBe('breach');
    expect(judge('logs-retention-database', known([...both, group(undefined, name('general'))])).status).toBe(
      'warning',
    );
    expect(judge('logs-retention-database', known([...both, group(undefined, name('other'))])).status).toBe('ok');
  });
});

test.each<[unknown, string]>([
  [known(['error', 'slowquery']), 'ok'],
  [known(['error', 'slowquery', 'general']), 'ok'],
  [known(['error']), 'breach'],
  [known([]), 'breach'],
  [denied, 'unknown'],
  [skipped, 'not-configured'],
])('exports %j', (ended, status) => {
  expect(judge('logs-database-exports', ended).status).toBe(status);
});

test.each<[string, unknown, string]>([
  ['none of 300', { lines: 300, bad: 0 }, 'ok'],
  ['one of 300', { lines: 300, bad: 1 }, 'warning'],
  ['just not a tenth', { lines: 300, bad: 29 }, 'warning'],
  ['a tenth', { lines: 300, bad: 30 }, 'breach'],
  ['too few', { lines: 19, bad: 19 }, 'unknown'],
])('fields: %s', (_, sample, status) => {
  const ended = known({
    unstructured: 0,
    faults: [{ fault: 'level is missing', lines: 1 }],
    source,
    ...(sample as object),
  });
  expect(judge('logs-fields', ended).status).toBe(status);
});

describe('traces', () => {
  const span = (more: object) => ({ id: '1', name: 'x', start: 0, end: 1, segment: false, inProgress: false, ...more });
  const own = span({ name: 'nano-api', segment: true, url: 'https://api.nano.example/' });
  const sample = (count: number, spans: readonly object[]) =>
    known({
      traces: Array.from({ length: count }, () => ({ id: 't', start: 0, durationMs: 1, spans })),
      matched: count,
      source,
    });
  test.each<[string, string, readonly object[], boolean]>([
    ['logs-trace-entry', 'its own segment with an address', [own], true],
    ['logs-trace-entry', 'a segment below somebody else’s', [{ ...own, parentId: '2' }], false],
    ['logs-trace-entry', 'a segment without an address', [{ ...own, url: undefined }], false],
    ['logs-trace-service', 'its own segment', [own], true],
    ['logs-trace-service', 'another service', [{ ...own, name: 'other' }], false],
    ['logs-trace-service', 'a segment that X-Ray inferred from a call', [{ ...own, inferred: true }], false],
    ['logs-trace-sql', 'a statement', [span({ sql: 'SELECT 1' })], true],
    ['logs-trace-sql', 'none', [own], false],
    ['logs-trace-s3', 'a call by the SDK', [span({ name: 'S3', namespace: 'aws' })], true],
    ['logs-trace-s3', 'a call of another service', [span({ name: 'SQS', namespace: 'aws' })], false],
    ['logs-trace-cache', 'the cache’s host', [span({ name: 'master.nano-cache.abc.usw2.cache.amazonaws.com' })], true],
    ['logs-trace-cache', 'none', [own], false],
  ])('%s: %s', (id, _, spans, shows) => {
    expect(judge(id, sample(20, spans)).status).toBe(shows ? 'ok' : 'warning');
    expect(judge(id, sample(19, spans)).status).toBe(shows ? 'ok' : 'unknown');
    expect(judge(id, sample(0, spans)).status).toBe('unknown');
    expect(judge(id, denied).status).toBe('unknown');
    expect(judge(id, skipped).status).toBe('not-configured');
  });
});

describe('the week', () => {
  const { until } = told();
  const covered = [{ from: until - 42 * 5 * 60_000, to: until }];
  const lines = (count: number, level = 'ERROR') =>
    Array.from({ length: count }, (_, index) => ({
      at: until - index - 1,
      stream: 's',
      message: `${level} failed ${index}`,
    }));
  const portion = (some: ReturnType<typeof lines>, spans = covered) => known({ lines: some, covered: spans, source });
  const week = (count: number, template = 'ERROR failed <n>', to = until - 7 * 86_400_000) => ({
    logGroup: '/aws/ecs/nano-api',
    from: to - 7 * 86_400_000,
    to,
    lookedMs: 42 * 5 * 60_000,
    lines: count,
    patterns: [{ template, level: 'error', count }],
  });

  test.each<[string, unknown, readonly unknown[] | undefined, string, string]>([
    ['as the week before', portion(lines(20)), [week(20)], 'ok', 'nothing new and nothing louder'],
    ['twice as loud', portion(lines(80)), [week(40)], 'warning', '1 louder pattern'],
    ['not quite twice', portion(lines(79)), [week(40)], 'ok', 'nothing louder'],
    ['a new one', portion(lines(5)), [week(40, 'ERROR other thing')], 'warning', '1 new pattern'],
    ['too few of a new one', portion(lines(4)), [week(40, 'ERROR other thing')], 'ok', 'nothing new'],
    ['a critical one', portion(lines(1, 'CRITICAL')), [week(40, 'ERROR other thing')], 'breach', '1 new pattern'],
    ['a first run', portion(lines(20)), [], 'unknown', 'nothing to compare with yet: kept for the next run'],
    ['a first run without errors', portion([]), [], 'ok', 'no error lines'],
    [
      'a second run on the same day',
      portion(lines(20)),
      [week(20, 'x', until - 3_600_000)],
      'unknown',
      'of the same day',
    ],
    [
      'no lines at all',
      known({ lines: [], covered, source, isSilent: true }),
      [week(20)],
      'unknown',
      'nothing at all was logged',
    ],
    ['where nothing is kept', portion(lines(20)), undefined, 'unknown', 'nothing is kept between these runs'],
    [
      'less than half of the sample',
      portion(lines(20), [{ from: until - 5_760_000, to: until }]),
      [week(20)],
      'unknown',
      'only 48 %',
    ],
    ['what was kept is broken', portion(lines(20)), [{ lines: 'x' }], 'unknown', 'cannot be read'],
    ['not allowed to look', denied, [week(20)], 'unknown', 'no permission'],
    ['not configured', skipped, [week(20)], 'not-configured', 'not configured'],
  ])('%s', (_, ended, kept, status, words) => {
    const found = judge('weekly-error-logs', ended, told({}, kept));
    expect(found).toMatchObject({ status, summary: expect.stringContaining(words) });
  });

  test('what it keeps is what the next one can compare with', () => {
    const first = judge('weekly-error-logs', portion(lines(20)), told({}, []));
    expect(first.keep).toMatchObject([
      { lines: 20, to: until, patterns: [{ template: 'ERROR failed <n>', count: 20 }] },
    ]);
    const broken = judge('weekly-error-logs', portion(lines(20)), told({}, [{ lines: 'x' }]));
    expect(broken.keep).toBeUndefined();
  });
});
