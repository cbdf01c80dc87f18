/** A report on many services as JUnit: a suite for every service, in the order of their files. One that failed is an error. */
import { errorCase } from './error-junit.ts';
import { serviceName, type FleetService } from './fleet-text.ts';
import { junitSuitesXml, type TestSuite } from './junit.ts';
import { checkCases } from './report-junit.ts';
import type { FleetDocument } from './schemas.ts';

/** `failOn`: from what on a check fails, as the report was asked for. With an end of line. */
export function fleetJunit({ command, services }: FleetDocument, failOn: 'warning' | 'breach'): string {
  const name = `nanoops ${command}`.trim();
  return junitSuitesXml(
    name,
    services.map((service) => suiteOf(service, name, failOn)),
  );
}

function suiteOf(entry: FleetService, name: string, failOn: 'warning' | 'breach'): TestSuite {
  const { id, service = id, environment, verdict, exitCode, summary, checks = [], error } = entry;
  return {
    name: `${name}: ${serviceName(entry)}`,
    packages: ['nanoops', service, ...(environment === undefined ? [] : [environment])],
    durationMs: 0,
    properties: {
      file: id,
      service,
      ...(environment === undefined ? {} : { environment }),
      verdict,
      exitCode,
      'fail-on': failOn,
    },
    cases: error === undefined ? checkCases(checks, failOn) : [errorCase(error, name, 'nanoops')],
    lines: summary === undefined ? [] : [summary],
  };
}
