/** What an application says before it ends by itself, by the reason for it. */
import type { Crash } from '../faults.ts';
import type { RegionInventory } from '../inventory.ts';
import type { FailureReport } from './failures.ts';

export function lastWords(crash: Crash, region: RegionInventory): FailureReport {
  const { service, region: name } = region.names;
  const words: Readonly<Record<Crash, Pick<FailureReport, 'message' | 'error'>>> = {
    'missing-secret': {
      message: 'Application startup failed. Exiting.',
      error: `botocore.errorfactory.ResourceNotFoundException: An error occurred (ResourceNotFoundException) when calling the GetSecretValue operation: Secrets Manager can't find the specified secret: ${service}/signing-key (${name})`,
    },
    'broken-import': {
      message: 'Application startup failed. Exiting.',
      error: "ModuleNotFoundError: No module named 'pricing_rules' (app/main.py:31)",
    },
    'failed-migration': {
      message: 'Schema check failed. Exiting.',
      error: "alembic.util.exc.CommandError: Can't locate revision identified by '7c1e5a90d2b4'",
    },
  };
  return { level: 'CRITICAL', action: 'STARTUP_FAILED', ...words[crash] };
}
