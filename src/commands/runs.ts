/** `nanoops runs list|show|resume|abort|report|verify|start|step`. */
import type { Command } from 'commander';
import { cell, type DeclareCommand, type Host } from './command.ts';
import { withStackFlags, withUnusedStackFlags, type StackFlags } from './flags.ts';
import { examples } from './examples.ts';
import { declareRunSteps } from './run-steps.ts';

export const declareRuns: DeclareCommand = (runs, host) => {
  runs.description('The journals of earlier runs, on this machine and in the team\u2019s table.').addHelpText(
    'after',
    examples([
      ['nanoops runs list', 'newest first'],
      ['nanoops runs resume <run-id>', 'go on with one that waits'],
    ]),
  );
  withUnusedStackFlags(runs.command('list'), ['--config', '--environment'])
    .summary('list the runs, newest first')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops runs list', ''],
          ['nanoops runs list --json', 'for scripts'],
        ],
        '0 listed; 2 wrong usage or configuration; 3 a store could not be read.',
      ),
    )
    .description('Lists the runs whose journals are kept, newest first.')
    .action(async (flags: StackFlags) => {
      const { listRuns } = await import('../use-cases/runs.ts');
      await host.showList(flags, {
        ...(await host.withStores(flags, listRuns)),
        whenEmpty:
          'no run is kept yet: what acts or rehearses is listed here, for example nanoops diagnose latency --fix --dry-run',
        columns: [
          { title: 'run', text: ({ id }) => id },
          { title: 'status', text: ({ status }) => cell(status) },
          { title: 'waits for', text: ({ summary }) => cell(summary) },
        ],
      });
    });

  withUnusedStackFlags(runs.command('show'), ['--config', '--environment'], true)
    .summary('show what a run did')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops runs show 20261110T150000Z-region-drill-7k2m9x', ''],
          ['nanoops runs show 20261110T150000Z-region-drill-7k2m9x -o json', 'the run as it ended'],
        ],
        '0 shown; 2 wrong usage, or no such run; 3 its journal could not be read.',
      ),
    )
    .description('Shows what a run did, who agreed to what, and what it changed.')
    .argument('<run-id>', 'the run')
    .action(async (runId: string, flags: StackFlags) => {
      const { showRun } = await import('../use-cases/runs.ts');
      await host.showHistory(flags, await host.withStores(flags, (stores) => showRun(stores, runId, whole(flags))));
    });

  withUnusedStackFlags(runs.command('report'), ['--config', '--environment', '--report'], true)
    .summary('report on a run')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops runs report 20261110T150000Z-region-drill-7k2m9x', 'as Markdown'],
          ['nanoops runs report 20261110T150000Z-region-drill-7k2m9x --report drill.html', 'a page, too'],
        ],
        '0 printed; 2 wrong usage, or no such run; 3 its journal could not be read; 5 the report could not be written.',
      ),
    )
    .description('Prints a run\u2019s report as Markdown, or as -o says; --report writes it to a file as well.')
    .argument('<run-id>', 'the run')
    .action(async (runId: string, flags: StackFlags) => {
      const { showRun } = await import('../use-cases/runs.ts');
      const run = await host.withStores(flags, (stores) => showRun(stores, runId, whole(flags)));
      const isPlain = flags.output === undefined && flags.json !== true;
      await host.showHistory(isPlain ? { ...flags, output: 'markdown' } : flags, run);
    });

  withUnusedStackFlags(runs.command('verify'), ['--config', '--environment'])
    .summary('check that a journal was not altered')
    .addHelpText(
      'after',
      examples(
        [['nanoops runs verify 20261110T150000Z-region-drill-7k2m9x', '']],
        '0 it holds; 1 it was altered; 2 wrong usage, or no such run; 3 it could not be read.',
      ),
    )
    .description(
      'Checks a journal\u2019s chain of hashes: whether a record was altered, removed or put in. Exit code 1 if so.',
    )
    .argument('<run-id>', 'the run')
    .action(async (runId: string, flags: StackFlags) => {
      const { verifyRun } = await import('../use-cases/runs.ts');
      const { sha256 } = await host.digest();
      const document = await host.withStores(flags, (stores) => verifyRun(stores, runId, sha256));
      const { records, faults, head, torn, store } = document;
      await host.show(flags, {
        document,
        exitCode: document.exitCode,
        human: () =>
          faults.length > 0
            ? [`the journal of ${runId} in ${store} does not hold:`, ...faults.map((fault) => `  ${fault}`)].join('\n')
            : `the journal of ${runId} holds: ${records} records, newest hash ${head ?? ''}${torn ? '; the last line was cut off in the writing, and nothing was done on its strength' : ''}`,
      });
    });

  declareGoOn(runs, host, 'resume', 'continue', 'go on with a run that stopped', [
    'Goes on with a run that was suspended, interrupted or killed, from any machine that reaches its journal. Looks at the',
    'world first: what was done is not done again.',
  ]);
  declareGoOn(runs, host, 'abort', 'abort', 'put back what a run changed', [
    'Ends a run that stopped: puts back what it changed, newest first, and lists what stays.',
  ]);
  declareRunSteps(runs, host);
};

/** As lines a run is given with all that it told. */
const whole = ({ output }: StackFlags) => ({ progress: output === 'ndjson' });

const goingOnExits =
  '0 done, and nothing needs attention; 1 something does; 2 wrong usage, or no such run; 3 could not tell; 4 waits for an approval;\n5 a step failed; 6 another run holds the lock; 130 interrupted.';

function declareGoOn(
  runs: Command,
  host: Host,
  name: 'resume' | 'abort',
  purpose: 'continue' | 'abort',
  summary: string,
  description: readonly string[],
): void {
  withStackFlags(runs.command(name))
    .summary(summary)
    .addHelpText('after', examples([[`nanoops runs ${name} 20261110T150000Z-region-drill-7k2m9x`, '']], goingOnExits))
    .description(description.join(' '))
    .argument('<run-id>', 'the run')
    .action(async (runId: string, flags: StackFlags) => {
      const { goOn } = await import('./go-on.ts');
      await goOn(host, flags, runId, purpose);
    });
}
