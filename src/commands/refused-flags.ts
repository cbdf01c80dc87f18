/** Flags that a command of this kind cannot heed: said, since a flag that is passed over misleads. */
import type { StepSummary } from '../engine/events.ts';
import { NanoopsError } from '../errors.ts';
import type { StackFlags } from './flags.ts';

/** @throws NanoopsError `FlagWithoutMeaning` for a flag that was given and is none for this command. */
export function refuseFlags(
  flags: StackFlags,
  refused: Readonly<Partial<Record<keyof StackFlags, { readonly because: string; readonly nextStep: string }>>>,
): void {
  for (const [name, said] of Object.entries(refused)) {
    if (Reflect.get(flags, name) === undefined) continue;
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new NanoopsError(`${flag} cannot be given here: ${said.because}`, {
      code: 'FlagWithoutMeaning',
      exitCode: 2,
      nextStep: said.nextStep,
    });
  }
}

/** What a resumed run asks where its runbook is not any more what it was. */
const changedRunbook = 'runbook';

/** @throws NanoopsError `UnknownApproval` for an approval of what the runbook never asks. */
export function checkApprovals(
  { approve = [] }: StackFlags,
  { id, steps }: { readonly id: string; readonly steps: readonly Pick<StepSummary, 'id' | 'kind'>[] },
): void {
  const asked = steps.filter(({ kind }) => kind === 'approve' || kind === 'manual').map((step) => step.id);
  for (const text of approve) {
    const [stepId = ''] = text.split('@');
    if (stepId === changedRunbook || asked.includes(stepId)) continue;
    throw new NanoopsError(`--approve ${JSON.stringify(text)}: the runbook "${id}" asks for no such approval`, {
      code: 'UnknownApproval',
      exitCode: 2,
      details: asked.length === 0 ? [] : [`it asks for ${asked.join(', ')}`],
      nextStep: `nanoops runbook show ${id}`,
    });
  }
}
