/** `nanoops sandbox list|serve`. */
import type { DeclareCommand } from './command.ts';
import { withUnusedStackFlags, type CommonFlags } from './flags.ts';
import { examples } from './examples.ts';

export interface ServeFlags extends CommonFlags {
  readonly port: string;
  readonly seed?: string;
  readonly latency?: string;
  readonly speed?: string;
  readonly timeout?: string;
}

export const declareSandbox: DeclareCommand = (sandbox, host) => {
  sandbox
    .description('A simulated AWS with a clock of its own: two regions, and scenarios of what goes wrong in them.')
    .addHelpText(
      'after',
      examples([
        ['nanoops sandbox list', 'what can go wrong in it'],
        ['nanoops sandbox serve slow-query', 'as an endpoint for any AWS client'],
      ]),
    );
  withUnusedStackFlags(sandbox.command('list'))
    .summary('list the scenarios')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops sandbox list', ''],
          ["nanoops sandbox list --json | jq -r '.items[].id'", 'their ids'],
        ],
        '0 listed; 2 wrong usage.',
      ),
    )
    .description('Lists the scenarios, each with the cause that a diagnosis is to find.')
    .action(async (flags: CommonFlags) => {
      const { scenarioList } = await import('../use-cases/scenarios.ts');
      await host.showList(flags, {
        document: scenarioList(),
        columns: [
          { title: 'scenario', text: ({ id }) => id },
          { title: 'runbook', text: ({ runbook }) => String(runbook) },
          { title: 'what happens', text: ({ summary }) => String(summary) },
        ],
      });
    });

  withUnusedStackFlags(sandbox.command('config'))
    .summary('print the configuration of the simulated stack')
    .addHelpText(
      'after',
      examples([['nanoops sandbox config > nanoops.yaml', 'a file to start from']], '0 printed; 2 wrong usage.'),
    )
    .description('Prints a nanoops.yaml of the simulated stack: to start from, or for what "sandbox serve" serves.')
    .action(async (flags: CommonFlags) => {
      const { simulatedConfig } = await import('../use-cases/scenarios.ts');
      const { document, yaml } = simulatedConfig();
      await host.show(flags, { document, human: () => yaml, language: 'yaml' });
    });

  withUnusedStackFlags(sandbox.command('serve'), ['--seed', '--timeout'])
    .summary('serve it over HTTP, on this machine only')
    .description(
      'Serves a scenario\u2019s AWS on 127.0.0.1, for the aws command line or any AWS client, until it is interrupted.',
    )
    .argument('[scenario]', 'what goes wrong', 'healthy')
    .option('--port <number>', 'the port; 0 takes a free one', '4599')
    .option('--speed <times>', 'let its clock run so many times faster than the wall\u2019s', '1')
    .option('--latency <duration>', 'take so long for every call, for example 100ms')
    .addHelpText(
      'after',
      `
Examples:
  nanoops sandbox serve slow-query
  AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x aws --endpoint-url http://127.0.0.1:4599 \\
    --region us-west-2 rds describe-db-clusters

Exit codes: 0 ended, as Ctrl-C or --timeout ends it; 2 wrong usage; 5 the port could not be had.`,
    )
    .action(async (scenario: string, flags: ServeFlags) => {
      const { serveSandbox } = await import('../use-cases/serve-sandbox.ts');
      const { port, seed, latency, speed, timeout } = flags;
      const wanted = { scenario, port, seed, latency, speed, timeout };
      await serveSandbox({ ...wanted, wall: host.wall, signal: host.signal }, (served) =>
        host.show(flags, {
          document: served,
          human: () =>
            [
              `serving "${served.scenario}" (seed ${served.seed}) on ${served.url}; end it with Ctrl-C`,
              '',
              'export AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox',
              `aws --endpoint-url ${served.url} --region ${served.regions[0] ?? ''} rds describe-db-clusters`,
              '',
              'nanoops sandbox config > nanoops.yaml',
              `nanoops diagnose latency --endpoint-url ${served.url}`,
            ].join('\n'),
        }),
      );
    });
};
