/** Reports, runs and errors as JUnit: what fails, what is an error, what is skipped; and that any text fits into it. */
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { errorJunit } from '../../src/report/error-junit.ts';
import { fleetJunit } from '../../src/report/fleet-junit.ts';
import { junitXml } from '../../src/report/junit.ts';
import { reportJunit } from '../../src/report/report-junit.ts';
import { runJunit } from '../../src/report/run-junit.ts';
import type { ReportDocument, RunDocument } from '../../src/report/schemas.ts';
import { readJunit, readSuites, type CaseRead } from '../support/junit.ts';
import { actingRuns } from '../terminal/acting.ts';
import { hostile, runs } from '../terminal/fixtures.ts';
import { nasty } from '../terminal/nasty.ts';
import { infected, recoveries } from './recovery.ts';

type Check = ReportDocument['checks'][number];
type Status = Check['status'];

function check(status: Status, more: Partial<Check> = {}): Check {
  const summary = `it is ${status}`;
  return { id: status, title: 'Lag', area: 'database', severity: 'critical', status, summary, evidence: [], ...more };
}

function report(checks: readonly Check[], more: Partial<ReportDocument> = {}): ReportDocument {
  return {
    schema: 'nanoops/report@1',
    command: 'checks run',
    environment: 'prod',
    generatedAt: '2026-11-23T10:00:00.000Z',
    verdict: 'attention',
    exitCode: 1,
    checks,
    api: { calls: 7, mutations: 0, byOperation: {} },
    ...more,
  };
}

const statuses: readonly Status[] = ['ok', 'warning', 'breach', 'unknown', 'not-configured'];
const outcomes = (cases: readonly CaseRead[]) => Object.fromEntries(cases.map(({ name, outcome }) => [name, outcome]));

describe('a report', () => {
  test.each([
    ['warning', 'failure'],
    ['breach', 'passed'],
  ] as const)('with --fail-on %s has a warning as %s', (failOn, ofWarning) => {
    const { cases } = readJunit(reportJunit(report(statuses.map((status) => check(status))), failOn));
    expect(outcomes(cases)).toEqual({
      ok: 'passed',
      warning: ofWarning,
      breach: 'failure',
      unknown: 'error',
      'not-configured': 'skipped',
    });
  });

  it('names the suite by command and environment, and says what it was asked for', () => {
    const { name, attributes, properties, text } = readJunit(
      reportJunit(report([check('breach'), check('ok')], { summary: 'Not ready' }), 'breach'),
    );
    expect(name).toBe('nanoops checks run (prod)');
    expect(attributes).toMatchObject({ timestamp: '2026-11-23T10:00:00.000Z', skipped: '0' });
    expect(attributes).not.toHaveProperty('hostname');
    expect(properties).toEqual({
      command: 'checks run',
      environment: 'prod',
      verdict: 'attention',
      exitCode: '1',
      'fail-on': 'breach',
      'aws-calls': '7',
    });
    expect(text).toBe('Not ready\n1 breach, 1 ok');
  });

  it('tells all that is known of a check, where a reader of failures sees it', () => {
    const { cases } = readJunit(
      reportJunit(
        report([
          check('breach', {
            summary: '6.2 s behind',
            observed: { value: 6.20049, unit: 's', window: '5m', at: '2026-11-23T09:58:00.000Z' },
            target: '<1 s',
            alert: '>5 s',
            nextStep: 'nanoops diagnose database',
            evidence: [{ source: 'cloudwatch:GetMetricData', region: 'us-east-1', detail: 'AuroraGlobalDBRPOLag' }],
          }),
        ]),
        'warning',
      ),
    );
    expect(cases).toEqual([
      {
        name: 'breach',
        className: 'nanoops.prod.database',
        time: '0.000',
        outcome: 'failure',
        message: 'Lag: 6.2 s behind',
        type: 'breach',
        text: expect.any(String),
      },
    ]);
    expect(cases[0]?.text.trim().split('\n')).toEqual([
      'Lag: breach',
      'found     6.2 s behind',
      'observed  6.2 s over 5m, at 2026-11-23T09:58:00.000Z',
      'target    <1 s',
      'alert     >5 s',
      'severity  critical',
      'next      nanoops diagnose database',
      'seen      AuroraGlobalDBRPOLag (cloudwatch:GetMetricData, us-east-1)',
    ]);
  });

  it('says why a check is skipped, and says of a warning that passes that it is one', () => {
    const { cases } = readJunit(reportJunit(report([check('not-configured'), check('warning')]), 'breach'));
    expect(cases.map(({ text }) => text.trim().split('\n')[0])).toEqual(['Lag: it is not-configured', 'Lag: warning']);
  });

  it.each([
    [0.0004, '0.0004 %'],
    [0, '0 %'],
    [99.84479279838584, '99.845 %'],
    [31_062_333.05978667, '31062333.06 %'],
  ])('shows %d to three places, and never as nothing', (value, expected) => {
    const { cases } = readJunit(reportJunit(report([check('ok', { observed: { value, unit: '%' } })]), 'warning'));
    expect(cases[0]?.text).toContain(`observed  ${expected}\n`);
  });

  it('keeps a dot of an environment from becoming a package', () => {
    const { cases } = readJunit(reportJunit(report([check('ok')], { environment: 'eu.prod' }), 'warning'));
    expect(cases[0]?.className).toBe('nanoops.eu-prod.database');
  });

  it('is a suite without cases where no check was run', () => {
    expect(readJunit(reportJunit(report([]), 'warning')).cases).toEqual([]);
  });
});

const documents: Readonly<Record<string, RunDocument>> = {
  ...Object.fromEntries(Object.entries(runs).map(([name, { document }]) => [`latency-${name}`, document])),
  ...Object.fromEntries(Object.entries(actingRuns).map(([name, { document }]) => [`acting-${name}`, document])),
  ...recoveries,
};

describe('a run', () => {
  it.each(Object.entries(documents))(
    '%s has a case for every step, and passes exactly where it exits with 0',
    (_, run) => {
      const { cases, attributes, properties } = readJunit(runJunit(run));
      expect(cases.map(({ name }) => name)).toEqual([...run.steps.map(({ id }) => id), 'run verdict']);
      expect(cases.map(({ time }) => Number(time) * 1000)).toEqual([
        ...run.steps.map(({ durationMs }) => expect.closeTo(durationMs, 0)),
        0,
      ]);
      const isClean = attributes['failures'] === '0' && attributes['errors'] === '0';
      expect(isClean).toBe(run.exitCode === 0);
      expect(properties).toMatchObject({ run: run.runId, verdict: run.verdict, exitCode: String(run.exitCode) });
    },
  );

  it('shows runs that came to every verdict but one that waits for a lock', () => {
    const seen = new Set(Object.values(documents).map(({ verdict }) => verdict));
    expect([...seen].toSorted()).toEqual(
      expect.arrayContaining(['attention', 'awaiting-approval', 'failed', 'interrupted', 'ok', 'unknown']),
    );
  });

  const { drill } = recoveries;
  const step = (status: RunDocument['steps'][number]['status']): RunDocument['steps'][number] => ({
    id: status,
    title: 'Do it',
    kind: 'act',
    status,
    startedAt: null,
    durationMs: 1234,
    attempts: 2,
    detail: 'as it went',
    nextStep: 'look again',
  });
  const all = (
    ['succeeded', 'planned', 'failed', 'unknown', 'blocked', 'skipped', 'suspended', 'rolled-back'] as const
  ).map(step);

  it.each([
    ['failed', undefined, { failed: 'failure', unknown: 'error', blocked: 'error' }],
    ['attention', undefined, { failed: 'failure', unknown: 'error', blocked: 'error' }],
    ['ok', undefined, { failed: 'skipped', unknown: 'skipped', blocked: 'skipped' }],
    [
      'awaiting-approval',
      { reason: 'nobody said yes', nextSteps: ['nanoops runs resume r'] },
      { failed: 'failure', unknown: 'error', blocked: 'skipped' },
    ],
  ] as const)('that is %s has its steps so', (verdict, suspended, expected) => {
    const { cases } = readJunit(
      runJunit({ ...drill, verdict, steps: all, ...(suspended === undefined ? {} : { suspended }) }),
    );
    expect(outcomes(cases)).toMatchObject({
      succeeded: 'passed',
      planned: 'passed',
      skipped: 'skipped',
      suspended: 'skipped',
      'rolled-back': 'skipped',
      ...expected,
    });
  });

  it.each([
    ['ok', 'passed'],
    ['attention', 'failure'],
    ['failed', 'failure'],
    ['unknown', 'error'],
    ['awaiting-approval', 'error'],
    ['locked', 'error'],
    ['interrupted', 'error'],
  ] as const)('whose verdict is %s has that as %s', (verdict, expected) => {
    const { cases } = readJunit(runJunit({ ...drill, verdict, steps: [] }));
    expect(cases).toMatchObject([
      { name: 'run verdict', outcome: expected, type: expected === 'passed' ? undefined : verdict },
    ]);
  });

  it('tells of a step what it found, how often it was tried and what to do', () => {
    const { cases } = readJunit(runJunit({ ...drill, verdict: 'failed', steps: [step('failed')] }));
    expect(cases[0]).toMatchObject({ time: '1.234', type: 'failed', message: 'Do it: as it went' });
    expect(cases[0]?.text.trim().split('\n')).toEqual([
      'Do it: failed',
      'found     as it went',
      'kind      act',
      'attempts  2',
      'next      look again',
    ]);
  });

  it('says which objective was missed, and by how much', () => {
    const verdict = readJunit(runJunit(recoveries.missed)).cases.at(-1);
    expect(verdict?.outcome).toBe('failure');
    expect(verdict?.text).toMatch(/^R[TP]O .*: missed$/m);
  });

  it('names the causes with what helps', () => {
    const found = Object.values(documents).find(({ causes }) => causes[0]?.remediation?.command !== undefined);
    const verdict = readJunit(runJunit(found ?? drill)).cases.at(-1);
    expect(verdict?.text).toContain(`cause 1   ${found?.causes[0]?.cause} on ${found?.causes[0]?.component}`);
    expect(verdict?.text).toContain(`next      ${found?.causes[0]?.remediation?.command}`);
  });
});

describe('a report on many services', () => {
  const error = { code: 'NoCredentials', message: 'no credentials', details: [], nextStep: 'aws sso login' };
  const api = { calls: 1, mutations: 0, byOperation: {} };

  it('is a suite for every service, in its own package, and an error for one that failed', () => {
    const about = { environment: 'prod', summary: 'as it is' };
    const suites = readSuites(
      fleetJunit(
        {
          schema: 'nanoops/fleet@1',
          command: 'checks run',
          verdict: 'failed',
          exitCode: 3,
          services: [
            { id: 'a.yaml', service: 'orders', ...about, verdict: 'attention', exitCode: 1, checks: [check('breach')] },
            { id: 'b.yaml', service: 'users', ...about, verdict: 'ok', exitCode: 0, checks: [check('warning')] },
            { id: 'services/c.yaml', verdict: 'failed', exitCode: 3, error },
          ],
          api,
        },
        'breach',
      ),
    );
    expect(suites.map(({ name }) => name)).toEqual([
      'nanoops checks run: orders, prod',
      'nanoops checks run: users, prod',
      'nanoops checks run: services/c.yaml',
    ]);
    const cases = suites.flatMap((suite) => suite.cases);
    expect(cases).toMatchObject([
      { className: 'nanoops.orders.prod.database', name: 'breach', outcome: 'failure' },
      { className: 'nanoops.users.prod.database', name: 'warning', outcome: 'passed' },
      { className: 'nanoops.services/c-yaml.nanoops', outcome: 'error', type: 'NoCredentials' },
    ]);
    expect(suites[0]?.properties).toMatchObject({ file: 'a.yaml', service: 'orders', exitCode: '1' });
    expect(suites[0]?.text).toBe('as it is');
  });
});

describe('an error', () => {
  const error = { code: 'NoCredentials', message: 'no <credentials>', details: ['a', 'b'], nextStep: 'aws sso login' };

  it.each([
    ['checks run', 'nanoops checks run', 'checks run'],
    ['', 'nanoops', 'nanoops'],
  ])('of the command %j is one case that is an error', (command, suite, name) => {
    const read = readJunit(errorJunit({ schema: 'nanoops/error@1', exitCode: 3, error }, command));
    expect(read).toMatchObject({ name: suite, properties: { exitCode: '3' } });
    expect(read.cases).toMatchObject([
      { name, className: 'nanoops', outcome: 'error', type: 'NoCredentials', message: 'no <credentials>' },
    ]);
    expect(read.cases[0]?.text.trim().split('\n')).toEqual(['no <credentials>', '  a', '  b', 'next  aws sso login']);
  });
});

describe('any text', () => {
  it.each([
    ['what XML forbids', 'a\u0000b\u0008c\uFFFEd\uFFFFe\uD800f', 'abcdef'],
    ['colours', '\u001B[31mred\u001B[0m', 'red'],
    ['markup', ']]><failure/>&lt;"\'', ']]><failure/>&lt;"\''],
    ['what a library may take for a truth value', 'true', 'true'],
    ['what a library may take for a number', '007', '007'],
    ['emoji', 'naïve 🚀 𝒳', 'naïve 🚀 𝒳'],
  ])('with %s stays text', (_what, given, expected) => {
    const { cases } = readJunit(reportJunit(report([check('breach', { id: given, summary: given })]), 'warning'));
    expect(cases[0]).toMatchObject({ name: expected, message: `Lag: ${expected}` });
    expect(cases[0]?.text).toContain(`found     ${expected}\n`);
  });

  it('is valid, whatever it holds', () => {
    const anything = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 40 }));
    fc.assert(
      fc.property(anything, anything, (one, other) => {
        const bad = [
          check('breach', { id: one, title: other, nextStep: one }),
          check('not-configured', { area: other }),
        ];
        expect(readJunit(reportJunit(report(bad, { environment: one, summary: other }), 'warning')).cases).toHaveLength(
          2,
        );
        const suite = {
          name: one,
          packages: [other],
          durationMs: 0,
          properties: { [one]: other },
          cases: [],
          lines: [one],
        };
        expect(readJunit(junitXml(suite)).cases).toEqual([]);
      }),
    );
  });

  it('does no more to a run', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        for (const run of [infected(recoveries.drill, text), hostile(runs.cause, text).document]) {
          expect(readJunit(runJunit(run)).cases).toHaveLength(run.steps.length + 1);
        }
      }),
      { numRuns: 20 },
    );
  });
});
