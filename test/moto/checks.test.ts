/**
 * Every check of the catalogue, over HTTP, as `nanoops checks run` makes it, on stacks in moto that are well, strained and
 * broken, and on one of which nothing is configured. What moto does not hold stands in `notHeld` with what it lacks.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReportDocument } from '../../src/report/schemas.ts';
import { catalogue } from '../../src/checks/catalogue.ts';
import type { CheckStatus } from '../../src/checks/check.ts';
import { runMain } from '../support/run-main.ts';
import { inTier } from '../support/tier.ts';
import {
  configOf,
  longRun,
  seedLatencies,
  seedLongRun,
  seedStanding,
  standings,
  tellCosts,
  type Standing,
} from './checks-stacks.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

type Triple = readonly [well: CheckStatus, strained: CheckStatus, broken: CheckStatus];

const all: Triple = ['ok', 'warning', 'breach'];
/** Of what has one threshold, or none of what strains. */
const atLast: Triple = ['ok', 'ok', 'breach'];

const expected: Readonly<Record<string, Triple>> = {
  'api-availability': all,
  'api-server-errors': all,
  'api-client-errors': all,
  'database-cpu': all,
  'database-storage': all,
  'database-connections': all,
  'database-replication-lag': all,
  'ecs-cpu': all,
  'ecs-memory': all,
  'daily-active-users': all,
  'new-nanos': all,
  'chat-response-time': all,
  'moderation-queue': all,
  'logs-retention-application': ['ok', 'warning', 'warning'],
  'logs-retention-database': ['ok', 'warning', 'warning'],
  'logs-retention-cache': all,
  'logs-database-exports': atLast,
  'logs-fields': all,
  'alert-availability': atLast,
  'alert-error-rate': atLast,
  'alert-replication-lag': atLast,
  'alert-cpu-sustained': atLast,
  // An empty log proves nothing: whether it is kept at all, moto's parameter groups do not say.
  'alert-slow-queries': ['ok', 'unknown', 'breach'],
  'alert-cache-hit-rate': atLast,
  'alert-moderation-queue': atLast,
  'alert-daily-active-users': atLast,
  'weekly-error-logs': all,
  // A few minutes of a week are no week: what was missed in them was missed, the rest is not known. See below for a whole one.
  'weekly-replication-lag': ['unknown', 'warning', 'warning'],
  'weekly-uptime': ['unknown', 'warning', 'warning'],
  'weekly-capacity': ['unknown', 'unknown', 'unknown'],
  // No night has passed yet; see below for one that has.
  'weekly-backups': ['ok', 'ok', 'ok'],
  'weekly-cost': ['unknown', 'unknown', 'unknown'],
  'backup-database-retention': all,
  'backup-database-window': all,
  'backup-database-recent': ['ok', 'ok', 'ok'],
  'backup-database-cross-region': atLast,
  'backup-s3-versioning': atLast,
  'backup-s3-replication': ['ok', 'breach', 'breach'],
  'backup-s3-lifecycle': all,
  'backup-dynamodb-pitr': all,
};

interface NotHeld {
  /** What moto has not. */
  readonly lacks: string;
  readonly statuses: Triple;
  /** What is said of the stack that is well. */
  readonly says: RegExp;
}

const unknowns: Triple = ['unknown', 'unknown', 'unknown'];
const unset: Triple = ['not-configured', 'not-configured', 'not-configured'];

const traces: NotHeld = {
  lacks: 'summaries of traces: GetTraceSummaries is a stub',
  statuses: unknowns,
  says: /^xray:GetTraceSummaries in us-west-2: AWS failed to answer \[InternalFailure: Not implemented yet - moto\]$/,
};
const percentiles: NotHeld = {
  lacks: 'percentiles: GetMetricData of p95 and p99 fails where there is data; here is none (see below)',
  statuses: unknowns,
  says: /^p9[59]: nothing was reported over 5m$/,
};
const requestMetrics: NotHeld = {
  lacks: 'request metrics of buckets: it answers ListBucketMetricsConfigurations with the objects',
  statuses: unset,
  says: /^the bucket has no metrics configuration/,
};

const notHeld: Readonly<Record<string, NotHeld>> = {
  'api-latency-p95': percentiles,
  'api-latency-p99': percentiles,
  'database-query-latency': traces,
  'logs-trace-entry': traces,
  'logs-trace-service': traces,
  'logs-trace-sql': traces,
  'logs-trace-s3': traces,
  'logs-trace-cache': traces,
  's3-upload-errors': requestMetrics,
  'alert-s3-upload-failures': requestMetrics,
  'alb-latency': {
    lacks: 'what CloudWatch lacks too: a metric of the balancer’s own time',
    statuses: unset,
    says: /^no metric holds it/,
  },
  'alert-crash-loop': {
    lacks: 'when and why a task stopped: DescribeTasks has neither stoppedAt nor stopCode',
    // None stopped; two, which may all have crashed and are not too many; five.
    statuses: ['ok', 'ok', 'unknown'],
    says: /^0 restarts of tasks/,
  },
  'weekly-security': {
    lacks: 'guardduty:ListFindings, cloudtrail:LookupEvents and health:DescribeEvents',
    // A region in which nothing looks for threats is a finding, whatever could not be read.
    statuses: ['unknown', 'warning', 'warning'],
    says: /guardduty:ListFindings in us-west-2: .*CloudTrail in us-west-2.*; nothing suspicious in what could be read$/,
  },
};

describe.skipIf(motoIsAbsent())('checks against moto over HTTP', { timeout: 120_000 }, () => {
  let moto: MotoServer;
  let folder: string;
  let documents: Readonly<Record<Standing, ReportDocument>>;
  const now = Math.floor(Date.now() / minuteMs) * minuteMs;

  const stubCredentials = () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  };

  /** In another file each: what runs keep of a stack is theirs. */
  async function run(name: string, config: object, ...words: readonly string[]): Promise<ReportDocument> {
    const file = join(folder, `${name}.yaml`);
    await writeFile(file, JSON.stringify(config));
    const { stdout } = await runMain(['checks', 'run', ...words, '-c', file, '--endpoint-url', moto.url, '--json'], {
      cwd: folder,
      env: { XDG_STATE_HOME: folder },
    });
    return JSON.parse(stdout);
  }

  /** moto keeps the time of this machine; nanoops then has another. */
  async function runAt<T>(time: number, work: () => Promise<T>): Promise<T> {
    vi.useFakeTimers({ toFake: ['Date'], now: time });
    try {
      return await work();
    } finally {
      vi.useRealTimers();
    }
  }

  const found = (document: ReportDocument, id: string) => document.checks.find((check) => check.id === id);
  const statusesOf = (document: ReportDocument) =>
    Object.fromEntries(document.checks.map(({ id, status }) => [id, status]));

  beforeAll(async () => {
    stubCredentials();
    folder = await mkdtemp(join(tmpdir(), 'nanoops-moto-checks-'));
    moto = await startMoto();
    await Promise.all(standings.map((standing) => seedStanding(moto.url, standing, now)));
    const judge = async (standing: Standing): Promise<ReportDocument> => {
      // What there was in an earlier week is what error lines of this one are compared with.
      await runAt(now - 8 * dayMs, () => run(standing, configOf(standing), 'weekly-error-logs'));
      return run(standing, configOf(standing));
    };
    documents = { well: await judge('well'), strained: await judge('strained'), broken: await judge('broken') };
  }, 120_000);

  beforeEach(stubCredentials);
  afterEach(() => vi.useRealTimers());

  afterAll(async () => {
    await moto?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it('are all here: those that moto can serve, and those that it cannot', () => {
    const ids = [...Object.keys(expected), ...Object.keys(notHeld)];
    expect(ids.toSorted()).toEqual(catalogue.map(({ id }) => id).toSorted());
  });

  describe.each(standings.map((standing, column) => [standing, column] as const))(
    'of a stack that is %s',
    (standing, column) => {
      it('say so', () => {
        const wanted = Object.entries(expected).map(([id, statuses]) => [id, statuses[column]]);
        expect(statusesOf(documents[standing])).toMatchObject(Object.fromEntries(wanted));
      });

      it.each(Object.entries(notHeld).map(([id, { lacks, statuses }]) => [id, statuses[column], lacks] as const))(
        '%s: %s, since moto lacks %s',
        (id, status) => expect(found(documents[standing], id)?.status).toBe(status),
      );

      it('change nothing, and are counted', () => {
        const { api, verdict, exitCode } = documents[standing];
        expect(api?.mutations).toBe(0);
        expect(api?.byOperation).toMatchObject({ 'cloudwatch:GetMetricData': expect.any(Number) });
        expect([verdict, exitCode]).toEqual(standing === 'well' ? ['unknown', 3] : ['attention', 1]);
      });
    },
  );

  it('say what they could not see, and why', () => {
    const summaries = documents.well.checks.map(({ id, summary }) => [id, summary]);
    const wanted = Object.entries(notHeld).map(([id, { says }]) => [id, expect.stringMatching(says)]);
    expect(Object.fromEntries(summaries)).toMatchObject(Object.fromEntries(wanted));
  });

  it('of a stack that nobody configured say that, and count for nothing', async () => {
    const document = await run('bare', {
      service: 'nano-api',
      regions: { primary: 'us-west-2', recovery: 'us-east-2' },
      cost: { review: false },
    });
    const { 'weekly-security': security, ...others } = statusesOf(document);
    expect(new Set(Object.values(others))).toEqual(new Set(['not-configured']));
    // Of the account, whatever is in it.
    expect(security).toBe('unknown');
  });

  it('of latency are unknown where moto has the data and no percentiles', async () => {
    const document = await run('latency', await seedLatencies(moto.url, now), 'api-latency-p95', 'api-latency-p99');
    for (const { status, summary } of document.checks) {
      expect(status).toBe('unknown');
      expect(summary).toMatch(/^cloudwatch:GetMetricData in us-west-2: AWS failed to answer \[HTTP 500/);
    }
  });

  it.each([
    ['ok', 1],
    ['warning', 1.2],
    ['breach', 1.5],
  ] as const)('of cost are %s where the last week cost %f times the one before', async (status, factor) => {
    // moto gives the same answer to the same question, so that each is about another day.
    const until = now - Math.round(factor * 10) * dayMs;
    await tellCosts(moto.url, until, factor);
    const document = await run('cost', configOf('well'), 'weekly-cost', '--until', new Date(until).toISOString());
    expect(found(document, 'weekly-cost')).toMatchObject({ status, observed: { unit: '%' } });
  });

  it('of backups miss them once nights have passed without any', async () => {
    const ids = ['backup-database-recent', 'backup-database-cross-region', 'weekly-backups'];
    const document = await runAt(now + 4 * dayMs, () => run('later', configOf('well'), ...ids));
    expect(statusesOf(document)).toEqual(Object.fromEntries(ids.map((id) => [id, 'breach'])));
    for (const { summary } of document.checks) expect(summary).toMatch(/no usable (?:automated snapshot|backup) of/);
  });

  describe('of long spans', () => {
    // moto looks at every point for every period of a span: a week by five minutes takes it seconds.
    const hasWeek = inTier({ all: true, some: false });

    beforeAll(() => seedLongRun(moto.url, now, hasWeek), 60_000);

    it.each([
      ['well', 'ok'],
      ['broken', 'breach'],
    ] as const)('see what five weeks of capacity come to: %s is %s', async (standing, status) => {
      const document = await run(`capacity-${standing}`, longRun.capacity(standing), 'weekly-capacity');
      expect(found(document, 'weekly-capacity')?.status).toBe(status);
    });

    it.skipIf(!hasWeek)('see a whole week of requests and of a copy', async () => {
      const ids = ['weekly-uptime', 'weekly-replication-lag'];
      const document = await run('week', longRun.week, ...ids);
      expect(statusesOf(document)).toEqual(Object.fromEntries(ids.map((id) => [id, 'ok'])));
    });
  });
});
