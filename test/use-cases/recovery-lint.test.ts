/** `dr lint` on a session: which runbook is walked, what is asked of AWS, what is refused, and the report for machines. */
import { describe, expect, test } from 'vitest';
import type { DnsRecord } from '../../src/cloud/recovery-facts.ts';
import { parseConfig } from '../../src/config/load.ts';
import { stackOf } from '../../src/config/stack.ts';
import { NanoopsError } from '../../src/errors.ts';
import { reportDocument } from '../../src/report/schemas.ts';
import { sandboxConfig } from '../../src/sandbox/sandbox.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { recoveryLint, type LintRequest } from '../../src/use-cases/recovery-lint.ts';
import { FakeCloud, refusal, type Told } from '../fakes/cloud.ts';

const record: DnsRecord = { name: 'api.nano.example', type: 'CNAME', ttl: 60, values: ['nano-alb.example'] };

interface Options extends Partial<LintRequest> {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly told?: Told;
  readonly verify?: (region: string) => Promise<void>;
}

async function linted({ config: own, told = { records: [record] }, verify, ...request }: Options = {}) {
  const config = parseConfig({ ...sandboxConfig, ...own }, 'a test');
  const clock = new VirtualClock(Date.UTC(2026, 10, 23, 11));
  const cloud = new FakeCloud(told, { region: 'us-east-1', clock });
  const verified: string[] = [];
  const session = {
    config,
    stack: stackOf(config),
    cloud,
    clock,
    verify: (region: string) => {
      verified.push(region);
      return verify?.(region) ?? Promise.resolve();
    },
  };
  const document = await recoveryLint(session, { impaired: 'us-west-2', failOn: 'warning', ...request });
  const check = (id: string) => document.checks.find((each) => each.id === id);
  return { document, check, verified };
}

const refused = async (options: Options): Promise<NanoopsError> => {
  const error: unknown = await linted(options).catch((thrown: unknown) => thrown);
  if (!(error instanceof NanoopsError)) throw new TypeError('it was not refused');
  return error;
};

describe('the sandbox\u2019s own stack', () => {
  test('a warning needs attention unless breaches alone do', async () => {
    const told = { records: [{ ...record, ttl: 300 }] };
    const { check, document } = await linted({ told });
    expect(check('lint-ttl')?.status).toBe('warning');
    expect(document).toMatchObject({ verdict: 'attention', exitCode: 1 });
    expect((await linted({ told, failOn: 'breach' })).document).toMatchObject({ verdict: 'ok', exitCode: 0 });
    const grave = await linted({ impaired: 'us-east-1', failOn: 'breach' });
    expect(grave.document).toMatchObject({ verdict: 'attention', exitCode: 1 });
  });

  test('can be left without the primary region: every rule is judged, and the report is a document', async () => {
    const { document, verified } = await linted();
    expect(reportDocument.parse(JSON.parse(JSON.stringify(document)))).toMatchObject({
      command: 'dr lint --impaired us-west-2',
      verdict: 'ok',
      exitCode: 0,
    });
    expect(document.checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'lint-required-calls ok',
      'lint-optional-calls ok',
      'lint-changes ok',
      'lint-creations ok',
      'lint-places ok',
      'lint-traffic-switch ok',
      'lint-ttl ok',
      'lint-cdn ok',
      'lint-probe-url ok',
      'lint-state ok',
      'lint-sinks not-configured',
      'lint-programs ok',
      'lint-credentials not-configured',
      'lint-data-loss ok',
      'lint-failback-order not-configured',
    ]);
    // The credentials are those of the region that is left to ask.
    expect(verified).toEqual(['us-east-1']);
  });

  test('cannot be left without us-east-1, where Route 53 is changed', async () => {
    const { document, check } = await linted({ impaired: 'us-east-1' });
    expect(document).toMatchObject({ verdict: 'attention', exitCode: 1 });
    expect(check('lint-traffic-switch')).toMatchObject({
      status: 'breach',
      summary: expect.stringContaining('Route 53'),
    });
    // The recovery region serves then, and what has to work is the way back.
    expect(check('lint-required-calls')).toMatchObject({
      status: 'breach',
      summary: expect.stringContaining('failback-resynced'),
      nextStep: expect.stringContaining('environment'),
    });
    expect(check('lint-failback-order')?.status).toBe('ok');
  });

  test.each(['us-west-2', 'us-east-1'])('without %s, all that is told', async (impaired) => {
    const { document } = await linted({ impaired });
    const lines = document.checks.flatMap(({ id, status, summary, nextStep, evidence }) => [
      `${status} ${id}: ${summary}`,
      ...(nextStep === undefined || nextStep === null ? [] : [`  next: ${nextStep}`]),
      ...evidence.map(({ source, region, detail }) => `  ${source} [${region}] ${detail}`),
    ]);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/recovery-lint-${impaired}.txt`);
  });

  test('another region has no part in it; us-east-1 is linted where it is neither', async () => {
    expect((await linted({ impaired: 'eu-west-1' })).document.verdict).toBe('ok');
    const elsewhere = { regions: { primary: 'us-west-2', recovery: 'eu-west-1' } };
    const { check } = await linted({ impaired: 'us-east-1', config: elsewhere });
    expect(check('lint-required-calls')?.status).toBe('ok');
    expect(check('lint-traffic-switch')).toMatchObject({
      status: 'breach',
      evidence: [{ source: 'nanoops:move-traffic' }],
    });
  });

  test('a runbook can be named', async () => {
    const { document, check } = await linted({ runbook: 'region-drill' });
    // A drill needs both regions.
    expect(check('lint-required-calls')?.evidence.map(({ source }) => source)).toContain('nanoops:steady-state');
    expect(document.exitCode).toBe(1);
    expect((await linted({ runbook: 'latency' })).document).toMatchObject({ verdict: 'unknown', exitCode: 3 });
    expect(await refused({ runbook: 'region-failovr' })).toMatchObject({ code: 'UnknownRunbook', exitCode: 2 });
  });
});

describe('the record', () => {
  test('that cannot be read leaves it unknown', async () => {
    const { document, check } = await linted({ told: { records: refusal('records') } });
    expect(document).toMatchObject({ verdict: 'unknown', exitCode: 3 });
    expect(check('lint-ttl')).toMatchObject({
      status: 'unknown',
      summary: expect.stringContaining('permission'),
      nextStep: 'allow route53:ListResourceRecordSets',
    });
  });

  test('so do credentials that are not there; a finding counts more', async () => {
    const verify = () => Promise.reject(refusal('caller', 'credentials-missing'));
    expect((await linted({ verify })).document.verdict).toBe('unknown');
    expect((await linted({ verify, impaired: 'us-east-1' })).document.verdict).toBe('attention');
  });

  test('another account than the configured one ends it', async () => {
    const wrong = new NanoopsError('these credentials are of another account', {
      code: 'WrongAccount',
      exitCode: 2,
      nextStep: '',
    });
    expect(await refused({ verify: () => Promise.reject(wrong) })).toBe(wrong);
  });

  test('is not asked for where dns is not configured', async () => {
    const { check, verified } = await linted({ config: { dns: undefined }, told: {} });
    expect(check('lint-ttl')?.status).toBe('not-configured');
    expect(verified).toEqual([]);
  });
});

describe('what is refused', () => {
  test.each([
    ['us-eest-1', ['did you mean "us-east-1"?']],
    ['us-west-2a', ['did you mean "us-west-2"?']],
    ['us-west-9', [expect.stringContaining('us-west-')]],
    ['primary', []],
    ['', []],
  ])('--impaired %j', async (impaired, details) => {
    const error = await refused({ impaired });
    expect(error).toMatchObject({ code: 'UnknownRegion', exitCode: 2, details });
    expect(error.nextStep).toContain('us-west-2, us-east-1');
  });
});
