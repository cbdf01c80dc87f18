/** The scenarios of the simulated AWS. */
import type { ListDocument } from '../report/schemas.ts';
import { listScenarios } from '../sandbox/scenarios/index.ts';

export function scenarioList(): ListDocument {
  return { schema: 'nanoops/list@1', items: listScenarios().map((scenario) => ({ ...scenario })) };
}
