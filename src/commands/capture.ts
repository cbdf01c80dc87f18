/** `nanoops capture [latency|database|errors|crash-loop]`. */
import { Argument } from 'commander';
import type { DeclareCommand } from './command.ts';
import { diagnoses } from './diagnoses.ts';
import { withStackFlags, type StackFlags } from './flags.ts';

interface CaptureFlags extends StackFlags {
  readonly to?: string;
}

export const declareCapture: DeclareCommand = (command, host) => {
  const names = diagnoses.map(({ name }) => name);
  withStackFlags(command)
    .description(
      'Diagnoses, changes nothing, and saves every answer in one file, without secrets, e-mail addresses and the values in\n' +
        'statements. Whoever gets the file sees the same with nanoops diagnose … --replay <file>, and contacts nothing.',
    )
    .addArgument(new Argument('[diagnosis]', 'what is wrong').choices(names).default('latency'))
    .option('--to <file>', 'where to write it (default: nanoops-capture-<diagnosis>-<time>.json, here)')
    .addHelpText(
      'after',
      `
Examples:
  nanoops capture latency                    what makes the API slow, as a file
  nanoops capture database --to incident.json
  nanoops diagnose latency --replay nanoops-capture-latency-20261126T193300Z.json

Read it before you hand it on: names of components, hosts and tables stay in it.

Exit codes: those of the diagnosis. 0 nothing wrong; 1 something is; 2 wrong usage or configuration; 3 could not tell;
5 the file could not be written; 130 interrupted.`,
    )
    .action(async (name: string, flags: CaptureFlags) => {
      const [{ captureRun }, { findRunbook }] = await Promise.all([
        import('../use-cases/capture.ts'),
        import('../use-cases/runbooks.ts'),
      ]);
      const diagnosis = diagnoses.find((each) => each.name === name);
      if (diagnosis === undefined) throw new TypeError(`"${name}" was no choice`);
      if (flags.to !== undefined) await host.checkCapturePath(flags.to);
      await host.showRun(flags, { scenario: diagnosis.scenario }, async (session, times) => {
        const asked = flags.region === undefined ? {} : { region: flags.region };
        const runbook = findRunbook(diagnosis.runbook);
        const { document, capture } = await captureRun(session, { runbook, ...asked, ...times }, host.version);
        const path = await host.writeCapture(flags.to ?? nameOf(name, capture.at), capture);
        return { ...document, notes: [...(document.notes ?? []), `what was seen is in ${path}`] };
      });
    });
};

function nameOf(diagnosis: string, at: number): string {
  const time = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `nanoops-capture-${diagnosis}-${time}.json`;
}
