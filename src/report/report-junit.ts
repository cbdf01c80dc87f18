/**
 * A report of checks as JUnit: a test case for every check, which fails exactly where the check makes the program exit with
 * 1, is an error where it could not be told, and is skipped where it is not configured.
 */
import { junitXml, type TestCase, type TestOutcome } from './junit.ts';
import { lookOf, reportHeadline, tallyOf, type ReportCheck } from './report-text.ts';
import type { ReportDocument } from './schemas.ts';

/** `failOn`: from what on a check fails, as the report was asked for. With an end of line. */
export function reportJunit(report: ReportDocument, failOn: 'warning' | 'breach'): string {
  const { command, environment, verdict, exitCode, generatedAt, checks, api } = report;
  const { text } = reportHeadline(report);
  const tally = tallyOf(checks);
  return junitXml({
    name: `nanoops ${command} (${environment})`,
    packages: ['nanoops', environment],
    at: generatedAt,
    durationMs: 0,
    properties: { command, environment, verdict, exitCode, 'fail-on': failOn, 'aws-calls': api.calls },
    cases: checkCases(checks, failOn),
    lines: text === tally ? [text] : [text, tally],
  });
}

/** A case for each check. */
export function checkCases(checks: readonly ReportCheck[], failOn: 'warning' | 'breach'): readonly TestCase[] {
  return checks.map((check) => caseOf(check, failOn));
}

function caseOf(check: ReportCheck, failOn: 'warning' | 'breach'): TestCase {
  const outcome = outcomeOf(check, failOn);
  const isSkipped = outcome.kind === 'skipped';
  return { name: check.id, group: check.area, durationMs: 0, outcome, lines: isSkipped ? [] : linesOf(check) };
}

function outcomeOf({ status, title, summary }: ReportCheck, failOn: 'warning' | 'breach'): TestOutcome {
  const message = `${title}: ${summary}`;
  switch (status) {
    case 'ok':
      return { kind: 'passed' };
    case 'warning':
      return failOn === 'warning' ? { kind: 'failure', type: status, message } : { kind: 'passed' };
    case 'breach':
      return { kind: 'failure', type: status, message };
    case 'unknown':
      return { kind: 'error', type: status, message };
    case 'not-configured':
      return { kind: 'skipped', message };
  }
}

function linesOf(check: ReportCheck): readonly string[] {
  const { title, summary, severity, observed, target, alert, nextStep, evidence } = check;
  const rows: (readonly [string, string | null | undefined])[] = [
    ['found', summary],
    ['observed', observedText(observed)],
    ['target', target],
    ['alert', alert],
    ['severity', severity],
    ['next', nextStep],
    ...evidence.map(({ detail, source, region }) => ['seen', `${detail} (${source}, ${region})`] as const),
  ];
  return [
    `${title}: ${lookOf(check).word}`,
    ...rows.flatMap(([name, value]) => (typeof value === 'string' ? [`${name.padEnd(8)}  ${value}`] : [])),
  ];
}

/** To three places; the whole of it is in the document for machines. */
function shortened(value: number): number {
  const rounded = Number(value.toFixed(3));
  return rounded === 0 ? value : rounded;
}

/** `7.5 s over 5m, at 2026-11-23T10:00:00.000Z` */
function observedText(observed: ReportCheck['observed']): string | undefined {
  if (observed?.value === null || observed?.value === undefined) return undefined;
  const { value, unit, window, at } = observed;
  const over = typeof window === 'string' ? ` over ${window}` : '';
  return `${shortened(value)} ${unit}${over}${typeof at === 'string' ? `, at ${at}` : ''}`;
}
