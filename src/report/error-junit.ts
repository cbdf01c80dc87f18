/** What kept a command from its work, as JUnit: one test case, which is an error, so that no pipeline takes it for a pass. */
import { junitXml, type TestCase } from './junit.ts';
import type { ErrorDocument } from './schemas.ts';

/** `command`: its words, without `nanoops`; empty where none were understood. With an end of line. */
export function errorJunit({ exitCode, error }: ErrorDocument, command: string): string {
  return junitXml({
    name: `nanoops ${command}`.trim(),
    packages: [],
    durationMs: 0,
    properties: { exitCode },
    cases: [errorCase(error, command === '' ? 'nanoops' : command, 'nanoops')],
    lines: [],
  });
}

export function errorCase(
  { code, message, details, nextStep }: ErrorDocument['error'],
  name: string,
  group: string,
): TestCase {
  return {
    name,
    group,
    durationMs: 0,
    outcome: { kind: 'error', type: code, message },
    lines: [message, ...details.map((detail) => `  ${detail}`), `next  ${nextStep}`],
  };
}
