/** `nanoops capture [latency|database|errors|crash-loop]`. */
import { Argument, Option } from 'commander';
import type { DeclareCommand } from './command.ts';
import { checkReplayed, diagnoses } from './diagnoses.ts';
import { collected, withReplay, withStackFlags, type StackFlags } from './flags.ts';
import { refuseFlags } from './refused-flags.ts';
import { NanoopsError } from '../errors.ts';

interface CaptureFlags extends StackFlags {
  readonly to?: string;
  readonly leaveOut?: readonly string[];
}

export const declareCapture: DeclareCommand = (command, host) => {
  const names = diagnoses.map(({ name }) => name);
  withReplay(withStackFlags(command))
    .description(
      'Diagnoses, changes nothing, and saves every answer in one file, without secrets, e-mail addresses and the values in ' +
        'statements. Whoever gets the file sees the same with nanoops diagnose … --replay <file>, and contacts nothing.',
    )
    .addArgument(new Argument('[diagnosis]', 'what is wrong').choices(names).default('latency'))
    .addOption(
      new Option('--leave-out <text>', 'with --replay: take a text out of a capture (repeatable)').argParser(collected),
    )
    .option('--to <file>', 'where to write it (default: nanoops-capture-<diagnosis>-<time>.json, here)')
    .addHelpText(
      'after',
      `
Examples:
  nanoops capture latency                    what makes the API slow, as a file
  nanoops capture database --to incident.json
  nanoops diagnose latency --replay nanoops-capture-latency-20261126T193300Z.json
  nanoops capture database --replay incident.json --leave-out "Ada Lovelace" --to incident-to-share.json

Read it before you hand it on: names of components, hosts and tables stay in it. What else you find is taken out as in the last
example; a capture that was edited by hand is refused.

Exit codes: those of the diagnosis. 0 nothing wrong; 1 something is; 2 wrong usage or configuration, or no file can be written
there, and nothing was looked at; 3 could not tell; 5 the writing failed; 130 interrupted.`,
    )
    .action(async (name: string, flags: CaptureFlags) => {
      const [{ captureRun }, { findRunbook }] = await Promise.all([
        import('../use-cases/capture.ts'),
        import('../use-cases/runbooks.ts'),
      ]);
      const diagnosis = diagnoses.find((each) => each.name === name);
      if (diagnosis === undefined) throw new TypeError(`"${name}" was no choice`);
      checkLeaving(flags);
      if (flags.to !== undefined) await host.checkCapturePath(flags.to);
      const { leaveOut: leavesOut } = flags;
      const opening = {
        scenario: diagnosis.scenario,
        ...(leavesOut === undefined ? {} : { leavesOut }),
      };
      await host.showRun(flags, opening, async (session, times) => {
        checkReplayed(session, diagnosis.runbook);
        const asked = flags.region === undefined ? {} : { region: flags.region };
        const runbook = findRunbook(diagnosis.runbook);
        const { document, capture } = await captureRun(session, { runbook, ...asked, ...times }, host.version);
        const path = await host.writeCapture(flags.to ?? nameOf(name, capture.at), capture);
        return { ...document, notes: [...(document.notes ?? []), `what was seen is in ${path}`] };
      });
    });
};

/** @throws NanoopsError `FlagWithoutMeaning` */
function checkLeaving(flags: CaptureFlags): void {
  const { leaveOut, replay } = flags;
  if (replay === undefined && leaveOut === undefined) return;
  if (replay === undefined || leaveOut === undefined) {
    const message =
      replay === undefined
        ? '--leave-out takes texts out of a capture, and there is none'
        : '--replay: that is a capture already, and nothing is to be taken out of it';
    throw new NanoopsError(message, {
      code: 'FlagWithoutMeaning',
      exitCode: 2,
      nextStep: 'give both, --replay <capture> and --leave-out <text>, or none of the two',
    });
  }
  const because = 'the capture says what was looked at';
  const refused = { because, nextStep: 'leave it out' };
  refuseFlags(flags, { since: refused, until: refused, region: refused });
}

function nameOf(diagnosis: string, at: number): string {
  const time = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `nanoops-capture-${diagnosis}-${time}.json`;
}
