import { describe, expect, test } from 'vitest';
import { documentSchemas } from '../../src/config/json-schema.ts';
import { errorDocument, listDocument, reportDocument, runDocument } from '../../src/report/schemas.ts';
import { violations } from './schema-check.ts';

const api = { calls: 7, mutations: 0, byOperation: { 'cloudwatch:GetMetricData': 2 } };
const evidence = {
  source: 'cloudwatch:GetMetricData',
  region: 'us-east-1',
  detail: 'AWS/RDS AuroraGlobalDBRPOLag Maximum',
};

const error = {
  schema: 'nanoops/error@1',
  exitCode: 2,
  error: { code: 'UnknownScenario', message: 'no such scenario', details: [], nextStep: 'nanoops sandbox list' },
};

const report = {
  schema: 'nanoops/report@1',
  command: 'checklist weekly',
  environment: 'prod',
  generatedAt: '2026-11-23T10:00:00.000Z',
  verdict: 'ok',
  exitCode: 0,
  checks: [
    {
      id: 'database-replication-lag',
      title: 'Replication lag',
      area: 'database',
      severity: 'critical',
      status: 'ok',
      observed: { value: 0.42, unit: 's', window: '5m', at: '2026-11-23T09:58:00.000Z' },
      target: '<1 s',
      alert: '>5 s',
      summary: '420 ms',
      nextStep: 'nanoops diagnose database',
      evidence: [evidence],
    },
  ],
  api,
};

const run = {
  schema: 'nanoops/run@1',
  runId: '20261123T100000Z-region-failover-1',
  runbook: 'region-failover',
  mode: 'dry-run',
  environment: 'prod',
  verdict: 'attention',
  exitCode: 1,
  startedAt: '2026-11-23T10:00:00.000Z',
  endedAt: '2026-11-23T10:00:04.000Z',
  durationMs: 4000,
  steps: [
    {
      id: 'promote-database',
      title: 'Promote the database',
      kind: 'act',
      status: 'planned',
      startedAt: null,
      durationMs: 0,
      attempts: 0,
      predictedMs: 240_000,
      detail: 'FailoverGlobalCluster nano-global',
    },
  ],
  causes: [
    {
      rank: 1,
      component: 'nano-db',
      cause: 'slow-query',
      confidence: 0.91,
      summary: 'nano-db answers slowly',
      for: [evidence],
      against: [],
      missing: [],
      remediation: { stepId: 'suggest-index', summary: 'look at the index' },
    },
  ],
  objectives: {
    rto: {
      targetMs: 3_600_000,
      measuredMs: null,
      met: null,
      predictedMs: 1_200_000,
      wouldMeet: true,
      phases: { detect: 120_000, decide: 180_000, execute: 600_000, verify: 240_000, clients: null },
    },
    rpo: {
      targetMs: 900_000,
      measuredMs: null,
      met: null,
      predictedMs: null,
      wouldMeet: null,
      stores: [{ store: 'database', lossMs: null, basis: 'no heartbeat is configured' }],
    },
  },
  mutations: [
    {
      stepId: 'promote-database',
      operation: 'rds:FailoverGlobalCluster',
      region: 'us-east-1',
      resource: 'nano-global',
      status: 'planned',
    },
  ],
  api,
};

const list = { schema: 'nanoops/list@1', items: [{ id: 'slow-query', truth: { cause: null } }] };

describe('the documents that scripts rely on', () => {
  test.each([
    ['error', errorDocument, error],
    ['report', reportDocument, report],
    ['run', runDocument, run],
    ['list', listDocument, list],
  ] as const)(
    '%s: accepted, as a schema and as JSON Schema, with keys that may come later',
    (name, schema, document) => {
      expect(schema.safeParse(document).error).toBeUndefined();
      expect(violations(documentSchemas[name]?.() ?? {}, { ...document, later: true })).toEqual([]);
    },
  );

  test.each([
    ['error', errorDocument, { ...error, exitCode: 0 }],
    ['error', errorDocument, { ...error, error: { ...error.error, code: 'not pascal' } }],
    ['report', reportDocument, { ...report, verdict: 'fine' }],
    ['report', reportDocument, { ...report, checks: [{ ...report.checks[0], status: 'good' }] }],
    ['run', runDocument, { ...run, steps: [{ ...run.steps[0], kind: 'guess' }] }],
    ['run', runDocument, { ...run, causes: [{ ...run.causes[0], confidence: 91 }] }],
    ['list', listDocument, { ...list, items: [{ title: 'without an id' }] }],
  ] as const)('%s: rejected when a key is wrong', (name, schema, document) => {
    expect(schema.safeParse(document).success).toBe(false);
    expect(violations(documentSchemas[name]?.() ?? {}, document)).not.toEqual([]);
  });

  test('an exit code that is not that of the verdict is rejected', () => {
    expect(reportDocument.safeParse({ ...report, verdict: 'unknown' }).success).toBe(false);
    expect(runDocument.safeParse({ ...run, verdict: 'interrupted', exitCode: 130 }).success).toBe(true);
  });
});
