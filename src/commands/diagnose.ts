/** `nanoops diagnose latency|database|crash-loop`. */
import type { Command } from 'commander';
import type { DeclareCommand, Host } from './command.ts';
import { withStackFlags, type StackFlags } from './flags.ts';

interface DiagnoseFlags extends StackFlags {
  readonly fix?: boolean;
}

interface Diagnosis {
  readonly name: string;
  readonly runbook: string;
  readonly scenario: string;
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly (readonly [string, string])[];
}

const diagnoses: readonly Diagnosis[] = [
  {
    name: 'latency',
    runbook: 'latency',
    scenario: 'slow-query',
    summary: 'the API is slow',
    description:
      'Is the API slow, since when, which component is to blame, and what helps: metrics, traces and logs, at once.',
    examples: [
      ['nanoops diagnose latency --sandbox', 'a slow query on the simulated AWS; needs nothing'],
      ['nanoops diagnose latency', 'the stack of ./nanoops.yaml'],
      ['nanoops diagnose latency --since 40m', 'it began 40 minutes ago'],
      ['nanoops diagnose latency --fix --dry-run', 'what --fix would do, and change'],
      ['nanoops diagnose latency --fix', 'ask, act, see whether it helped'],
    ],
  },
  {
    name: 'database',
    runbook: 'database-unavailable',
    scenario: 'writer-unreachable',
    summary: 'the database cannot be reached',
    description:
      'Which connection errors there are, of what kind, and what each of them calls for: few of them call for a failover.',
    examples: [
      ['nanoops diagnose database --sandbox', 'a writer that is gone, on the simulated AWS; needs nothing'],
      ['nanoops diagnose database', 'the stack of ./nanoops.yaml'],
      ['nanoops diagnose database --fix --dry-run', 'what --fix would do, and change'],
      ['nanoops diagnose database --fix', 'ask, fail over or wait, see whether it helped'],
    ],
  },
  {
    name: 'crash-loop',
    runbook: 'crash-loop',
    scenario: 'crash-loop',
    summary: 'tasks of the service stop again and again',
    description:
      'Do tasks crash and start again, since when, is a deployment to blame, and what were their last words?',
    examples: [
      ['nanoops diagnose crash-loop --sandbox', 'a bad deployment on the simulated AWS; needs nothing'],
      ['nanoops diagnose crash-loop', 'the stack of ./nanoops.yaml'],
      ['nanoops diagnose crash-loop --fix', 'ask, go back to the version before, see whether it helped'],
    ],
  },
];

export const declareDiagnose: DeclareCommand = (program, host) => {
  const diagnose = program
    .command('diagnose')
    .summary('find out what hurts, and name ranked causes')
    .description(
      'Looks at the stack and names ranked causes with what speaks for and against them. Changes nothing without --fix.',
    );
  if (!host.wants('diagnose')) return;
  for (const diagnosis of diagnoses) declareOne(diagnose, host, diagnosis);
};

function declareOne(diagnose: Command, host: Host, { name, runbook, scenario, ...told }: Diagnosis): void {
  const width = Math.max(...told.examples.map(([command]) => command.length));
  withStackFlags(diagnose.command(name))
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
      const { actOn } = await import('./act-on.ts');
      await actOn(host, flags, { runbook, scenario, acts: flags.fix === true });
    });
}
