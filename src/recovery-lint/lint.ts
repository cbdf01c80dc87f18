/** Every rule on a recovery, for one runbook and one region that is taken to be gone. Pure. */
import { callChecks, walk } from './call-rules.ts';
import { credentialCheck } from './credential-rules.ts';
import type { LintCheck } from './finding.ts';
import type { LintInput } from './input.ts';
import { stackChecks } from './stack-rules.ts';
import { trafficChecks } from './traffic-rules.ts';
import { trapChecks } from './trap-rules.ts';

/** One check a rule, always all of them and in the same order. */
export function lintRecovery(input: LintInput): readonly LintCheck[] {
  const walked = walk(input);
  return [
    ...callChecks(input, walked),
    ...trafficChecks(input, walked),
    ...stackChecks(input),
    credentialCheck(input),
    ...trapChecks(input),
  ];
}
