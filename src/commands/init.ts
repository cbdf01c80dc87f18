/** `nanoops init`. */
import { Option } from 'commander';
import { afterwards, ownRunbooks } from '../use-cases/init/afterwards.ts';
import type { DeclareCommand } from './command.ts';
import { withStackFlags } from './flags.ts';
import type { InitFlags } from './init-flags.ts';
import { refuseFlags } from './refused-flags.ts';

const unused = ['--config', '--environment', '--since', '--until', '--report', '--approve', '--accept-loss'];

const retold: Readonly<Record<string, string>> = {
  '--region': 'the region that serves in normal times',
  '--dry-run': 'write nothing: print the file',
  '--yes': 'ask nothing: take what is clearly best, and list what is not',
};

export const declareInit: DeclareCommand = (init, host) => {
  withStackFlags(init, false);
  for (const option of init.options) {
    if (unused.includes(option.long ?? '')) option.hideHelp();
    option.description = retold[option.long ?? ''] ?? option.description;
  }
  init
    .option('--to <file>', 'where to write it (default: nanoops.yaml, here)')
    .option('--force', 'replace a file that is there; a copy of it is kept')
    .option('--service <name>', 'the ECS service that answers the API: <cluster>/<service>, or its name')
    .option('--cluster <name>', 'look at the services of this ECS cluster only')
    .option('--recovery-region <region>', 'the region that takes over')
    .addOption(
      new Option('--choose <key=name>', 'of several things, take this one (repeatable)').argParser(
        (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
      ),
    )
    .option('--no-check', 'do not ask whether a failover would be possible')
    .description(
      'Looks through the account for the stack, in both regions: what is wired to what first, names after. Asks what is ambiguous, and writes nanoops.yaml with the reason above each value. Changes nothing in the account, and reads no values of variables or secrets.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops init --sandbox --dry-run        on the simulated AWS; prints the file
  nanoops init --region us-west-2         ask what is ambiguous, write ./nanoops.yaml
  nanoops init --yes --service shop/shop-api
                                          ask nothing; for scripts
  nanoops init --yes --choose database.cluster=shop-db --to shop.yaml --force

Then, with the file that it wrote:
${afterwards.map(({ words, why }) => `  nanoops ${words}  ${why}`).join('\n')}
  ${ownRunbooks.command}  ${ownRunbooks.why}

Exit codes: 0 the file is written; 2 wrong usage, or there is such a file
already; 3 something could not be looked at, or is ambiguous and nobody was
asked: the rest is written, and the output names both; 130 interrupted.`,
    );
  init.action(async (flags: InitFlags) => {
    refuse(flags);
    await host.showInit(flags);
  });
};

function refuse(flags: InitFlags): void {
  const now = { because: 'it looks at what is there now', nextStep: 'leave it out' };
  const acting = { because: 'it changes nothing in the account', nextStep: 'leave it out' };
  refuseFlags(flags, {
    config: { because: 'it reads no configuration, but writes one', nextStep: 'name the file to write with --to' },
    environment: {
      because: 'it writes a file for one environment',
      nextStep: 'add others under "environments" once the file is there',
    },
    since: now,
    until: now,
    report: {
      because: 'its result is the file',
      nextStep: 'write the document to a file instead: -o json > init.json',
    },
    approve: acting,
    acceptLoss: acting,
  });
}
