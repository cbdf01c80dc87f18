/** `slo` and `alerts check` on the simulated AWS, as scripts use them. */
import { expect, test } from 'vitest';
import { runMain } from '../support/run-main.ts';

interface Report {
  readonly verdict: string;
  readonly checks: readonly { readonly id: string; readonly status: string }[];
  readonly slo?: {
    readonly objectives: readonly {
      readonly id: string;
      readonly budget: { readonly minutes: number; readonly leftMinutes: number };
    }[];
  };
  readonly api: { readonly byOperation: Readonly<Record<string, number>>; readonly mutations: number };
}

async function report(...words: readonly string[]): Promise<Report & { readonly rc: number }> {
  const { exitCode, stdout, stderr } = await runMain([...words, '--json']);
  expect(stderr).toBe('');
  const document: Report = JSON.parse(stdout);
  return { ...document, rc: exitCode };
}

function notOk({ checks }: Report): readonly string[] {
  return checks.filter(({ status }) => status !== 'ok').map(({ id, status }) => `${id} ${status}`);
}

test.each([
  ['healthy', 0, []],
  ['budget-burning', 1, ['slo-burn-1h breach', 'slo-burn-6h breach', 'slo-burn-3d warning']],
  ['budget-spent', 1, ['slo-availability breach']],
  ['metrics-missing', 3, ['slo-burn-1h unknown', 'slo-burn-6h unknown']],
] as const)(
  'slo, %s: exit %i',
  async (scenario, exitCode, expected) => {
    const found = await report('slo', '--sandbox', scenario);
    expect({ rc: found.rc, notOk: notOk(found) }).toEqual({ rc: exitCode, notOk: expected });
    expect(found.api).toMatchObject({ mutations: 0, byOperation: { 'cloudwatch:GetMetricData': 3 } });
    const budget = found.slo?.objectives.find(({ id }) => id === 'slo-availability')?.budget;
    expect(budget?.minutes).toBeCloseTo(21.6, 9);
    expect((budget?.leftMinutes ?? 0) < 0).toBe(scenario === 'budget-spent');
  },
  60_000,
);

const pages = ['availability', 'error-rate', 'replication-lag', 's3-upload-failures', 'crash-loop'];
const warns = ['cpu-sustained', 'slow-queries', 'cache-hit-rate', 'moderation-queue', 'daily-active-users'];

test.each([
  ['healthy', 0, []],
  ['alerts-critical', 1, pages],
  ['alerts-warning', 1, warns],
] as const)(
  'alerts check, %s: exit %i',
  async (scenario, exitCode, expected) => {
    const found = await report('alerts', 'check', '--sandbox', scenario);
    expect({ rc: found.rc, notOk: notOk(found) }).toEqual({
      rc: exitCode,
      notOk: expected.map((name) => `alert-${name} breach`),
    });
  },
  60_000,
);
