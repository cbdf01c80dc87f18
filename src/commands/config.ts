/** `nanoops config validate|show|schema`. */
import type { DeclareCommand } from './command.ts';
import { withUnusedStackFlags, type CommonFlags } from './flags.ts';
import { examples } from './examples.ts';

const fileFlags = ['--config', '--environment'];

export const declareConfig: DeclareCommand = (config, host) => {
  config.description('Checks and explains the configuration. Nothing is contacted.').addHelpText(
    'after',
    examples([
      ['nanoops config validate', 'every fault, with its line'],
      ['nanoops config schema', 'every key explained'],
    ]),
  );
  withUnusedStackFlags(config.command('validate'), fileFlags)
    .summary('check the file: every fault, with its line')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops config validate', './nanoops.yaml, or the nearest above'],
          ['nanoops config validate -c services/shop.yaml -e staging', 'one environment of a file'],
        ],
        '0 valid; 2 it is not, or is not there.',
      ),
    )
    .description('Checks the file and every environment in it, and reports every fault with its line and column.')
    .action(async (flags: CommonFlags) => {
      const { checkConfigFile } = await import('../use-cases/config.ts');
      const document = await checkConfigFile({ file: flags.config, environment: flags.environment, cwd: host.cwd });
      const human = (): string => `${document.file} is valid, for ${document.environments.join(', ')}`;
      await host.show(flags, { document, human });
    });

  withUnusedStackFlags(config.command('show'), fileFlags)
    .summary('print the effective values and where each came from')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops config show', ''],
          ['nanoops config show -e staging', 'with the overlay of staging'],
        ],
        '0 shown; 2 the file is not valid, or is not there.',
      ),
    )
    .description('Prints the effective values, and where each came from: the file, an environment, or a default.')
    .action(async (flags: CommonFlags) => {
      const { explainConfig } = await import('../use-cases/config.ts');
      const document = await explainConfig({ file: flags.config, environment: flags.environment, cwd: host.cwd });
      await host.showList(flags, {
        document,
        columns: [
          { title: 'key', text: ({ id }) => id },
          { title: 'value', text: ({ value }) => (typeof value === 'string' ? value : JSON.stringify(value)) },
          { title: 'from', text: ({ origin }) => String(origin) },
        ],
      });
    });

  withUnusedStackFlags(config.command('schema'))
    .summary('print the JSON Schema of the file, or of a document')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops config schema > nanoops.schema.json', 'for an editor'],
          ['nanoops config schema --of runbook > nanoops-runbook.schema.json', 'for runbooks/*.yaml'],
          ['nanoops config schema --of report', 'of what nanoops status --json prints'],
        ],
        '0 printed; 2 no such document.',
      ),
    )
    .description(
      'Prints the JSON Schema of nanoops.yaml, of a team\u2019s own runbook or check in YAML, or of one of the documents that nanoops writes: of nanoops/<name>@1 by that name.',
    )
    .option(
      '--of <document>',
      'the document: config, runbook, check, run, run-step, report, list, runbook-graph, plan, incident, postmortem, public-postmortem, status-page, policy, init, error, fleet, log-patterns, slow-queries, log-line, traces, trace, trace-map, forecast, journal, survival, takeover, notify-test, notify-flush, event, state, valid, sandbox, completion, help',
      'config',
    )
    .action(async (flags: CommonFlags & { of: string }) => {
      const { schemaOf } = await import('../use-cases/config.ts');
      const document = schemaOf(flags.of);
      await host.show(flags, { document, human: () => JSON.stringify(document, null, 2), language: 'json' });
    });
};
