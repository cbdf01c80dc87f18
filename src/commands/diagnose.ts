/** `nanoops diagnose latency|database|errors|crash-loop`. */
import type { Command } from 'commander';
import type { DeclareCommand, Host } from './command.ts';
import { diagnoses, type Diagnosis } from './diagnoses.ts';
import { withReplay, withStackFlags, type StackFlags } from './flags.ts';
import { withIncidentOption, type IncidentFlag } from './incident-of-run.ts';
import { examples } from './examples.ts';

interface DiagnoseFlags extends StackFlags, IncidentFlag {
  readonly fix?: boolean;
}

export const declareDiagnose: DeclareCommand = (diagnose, host) => {
  diagnose
    .description(
      'Looks at the stack and names ranked causes with what speaks for and against them. Changes nothing without --fix.',
    )
    .addHelpText(
      'after',
      examples([
        ['nanoops diagnose latency --sandbox', 'on the simulated AWS; needs nothing'],
        ['nanoops diagnose database', 'the stack of ./nanoops.yaml'],
        ['nanoops diagnose crash-loop --fix', 'ask, act, see whether it helped'],
      ]),
    );
  for (const diagnosis of diagnoses) declareOne(diagnose, host, diagnosis);
};

function declareOne(diagnose: Command, host: Host, { name, runbook, scenario, ...told }: Diagnosis): void {
  const width = Math.max(...told.examples.map(([command]) => command.length));
  withIncidentOption(withReplay(withStackFlags(diagnose.command(name))))
    .summary(told.summary)
    .description(told.description)
    .option('--fix', 'go on to the remediation: plan, ask, act, verify, put back what did not help')
    .addHelpText(
      'after',
      `
Examples:
${told.examples.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`).join('\n')}

Exit codes: 0 nothing wrong, or mended; 1 something is; 2 wrong usage or configuration; 3 could not tell; 4 waits for an
approval; 5 a step failed; 6 another run holds the lock; 130 interrupted.`,
    )
    .action(async (flags: DiagnoseFlags) => {
      const [{ actOn }, { findRunbook }] = await Promise.all([
        import('./act-on.ts'),
        import('../use-cases/runbooks.ts'),
      ]);
      await actOn(host, flags, { runbook: findRunbook(runbook), scenario, acts: flags.fix === true });
    });
}
