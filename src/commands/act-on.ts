/** Runs a runbook as the flags say: looks only, rehearses, or acts. */
import { callsOf, changesOf } from '../engine/runbook.ts';
import { moveOfRunbook } from '../use-cases/moves.ts';
import type { AnyRunbook } from '../runbooks/kit.ts';
import { isBuiltInId } from '../use-cases/runbooks.ts';
import { runRunbook } from '../use-cases/run-runbook.ts';
import type { Host } from './command.ts';
import type { StackFlags } from './flags.ts';
import { incidentFor, type IncidentFlag } from './incident-of-run.ts';
import { moveTo } from './move-on.ts';
import { checkReplayed } from './diagnoses.ts';
import { checkApprovals, refuseFlags } from './refused-flags.ts';

export interface ActedOn {
  readonly runbook: AnyRunbook;
  /** The sandbox's scenario where `--sandbox` names none. */
  readonly scenario: string;
  /** False where it only looks. */
  readonly acts: boolean;
}

export async function actOn(
  host: Host,
  flags: StackFlags & IncidentFlag,
  { runbook, scenario, acts }: ActedOn,
): Promise<void> {
  const move = moveOfRunbook(runbook.id);
  if (move !== undefined) {
    await moveTo(host, flags, move, scenario);
    return;
  }
  checkApprovals(flags, runbook);
  if (acts) {
    refuseFlags(flags, {
      until: {
        because: 'what was so some time ago is no ground to change what is there now',
        nextStep: `leave --until out; or, to look at what is over, leave --fix out: nanoops diagnose`,
      },
    });
  }
  const isDry = flags.dryRun === true;
  const mode = isDry ? 'dry-run' : acts ? 'execute' : 'observe';
  const acting = acts
    ? { acts: { mode: isDry ? ('dry-run' as const) : ('execute' as const), changes: changesOf(runbook.steps) } }
    : {};
  const named = namedScenario(flags, scenario);
  const afterwards = await incidentFor(host, named);
  const namedReads = isBuiltInId(runbook.id) ? {} : { namedReads: callsOf(runbook.steps) };
  await host.showRun(flags, { scenario, ...acting, ...namedReads }, async (session, times) => {
    checkReplayed(session, runbook.id);
    const asked = flags.region === undefined ? {} : { region: flags.region };
    const document = await runRunbook(session, { runbook, mode, ...session.replayed?.lookedAt, ...asked, ...times });
    return afterwards === undefined ? document : afterwards(document);
  });
}

/** An incident of a simulated world is of the one that the run is on. */
function namedScenario<Flags extends StackFlags>(flags: Flags, scenario: string): Flags {
  return flags.sandbox === true ? { ...flags, sandbox: scenario } : flags;
}
