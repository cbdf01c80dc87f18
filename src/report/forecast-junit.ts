/** A forecast as JUnit: a test case for the plan and for every resource, as a report has one for every check. */
import { forecastHeadline } from './forecast-text.ts';
import { junitXml } from './junit.ts';
import { checkCases } from './report-junit.ts';
import type { ForecastDocument } from './schemas.ts';

/** `failOn`: from what on a case fails, as the forecast was asked for. With an end of line. */
export function forecastJunit(document: ForecastDocument, failOn: 'warning' | 'breach'): string {
  const { command, environment, verdict, exitCode, generatedAt, horizonDays, users, resources, api } = document;
  const parts = [{ id: 'daily-active-users', title: 'Daily active users', level: null, ...users }, ...resources];
  const cases = parts.map(({ id, title, status, summary, nextStep, level, evidence }) => ({
    ...{ id, title, status, summary, evidence, area: 'capacity', severity: 'warning' as const },
    ...(nextStep === undefined ? {} : { nextStep }),
    ...(level === null ? {} : { observed: { value: level, unit: '%', window: '7d' } }),
  }));
  return junitXml({
    name: `nanoops ${command} (${environment})`,
    packages: ['nanoops', environment],
    at: generatedAt,
    durationMs: 0,
    properties: {
      command,
      environment,
      verdict,
      exitCode,
      'fail-on': failOn,
      'horizon-days': horizonDays,
      'aws-calls': api.calls,
    },
    cases: checkCases(cases, failOn),
    lines: [forecastHeadline(document).text],
  });
}
