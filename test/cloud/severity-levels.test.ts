/** The table of severities, against section 9.1 of the specification, cell by cell. */
import { expect, test } from 'vitest';
import { severityLevels } from '../../src/cloud/severity-levels.ts';

test.each([
  ['SEV-1', ['on-call', 'manager'], 'Major Outage', 'all-hands', false],
  ['SEV-2', ['on-call'], 'Degraded Performance', 'normal', false],
  ['SEV-3', [], 'Investigating', 'normal', true],
  ['SEV-4', [], null, 'backlog', true],
] as const)('%s: pages %j, status page %j, priority %s, ticket %s', (severity, page, statusPage, priority, ticket) => {
  expect(severityLevels[severity]).toMatchObject({ page, statusPage, priority, ticket });
});
