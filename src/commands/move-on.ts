/** Runs a runbook that moves the stack to another region, as the flags say: rehearses, or acts. */
import { changesOf } from '../engine/runbook.ts';
import { answersItself, runbookOfMove, type Move } from '../use-cases/moves.ts';
import { findRunbook } from '../use-cases/runbooks.ts';
import { runRunbook } from '../use-cases/run-runbook.ts';
import type { Host } from './command.ts';
import type { StackFlags } from './flags.ts';
import { incidentFor, type IncidentFlag } from './incident-of-run.ts';
import { checkApprovals, refuseFlags } from './refused-flags.ts';

/** `scenario`: the sandbox's where `--sandbox` names none. */
export async function moveTo(
  host: Host,
  flags: StackFlags & IncidentFlag,
  { kind, mode }: Move,
  scenario: string = 'healthy',
): Promise<void> {
  const runbook = findRunbook(runbookOfMove(kind));
  checkApprovals(flags, runbook);
  refuseForMove(flags, kind);
  const isDry = flags.dryRun === true;
  const acts = { mode: isDry ? ('dry-run' as const) : ('execute' as const), changes: changesOf(runbook.steps) };
  const answered = answersItself(runbook.id, flags.sandbox) ? { ...flags, yes: true } : flags;
  const inWorld = flags.sandbox === true ? { ...flags, sandbox: scenario } : flags;
  const afterwards = await incidentFor(host, inWorld, runbook.id);
  await host.showRun(answered, { scenario, acts }, async (session, { since, timeoutMs }) => {
    const document = await runRunbook(session, {
      runbook,
      mode: acts.mode,
      move: { kind, mode, ...(since === undefined ? {} : { outageAt: since }) },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    return afterwards === undefined ? document : afterwards(document);
  });
}

/** @throws NanoopsError `FlagWithoutMeaning` for a flag that no such move can heed. */
export function refuseForMove(flags: StackFlags, kind: Move['kind']): void {
  refuseFlags(flags, {
    until: {
      because: 'what was so some time ago is no ground to move anything now',
      nextStep: 'leave --until out',
    },
    region: {
      because: 'a move is about both regions',
      nextStep: 'leave --region out; which region is which is in nanoops.yaml (regions)',
    },
    ...(kind === 'failover'
      ? {}
      : {
          since: {
            because: kind === 'drill' ? 'a drill begins when its outage is declared' : 'a way back has no outage',
            nextStep: 'leave --since out',
          },
        }),
  });
}
