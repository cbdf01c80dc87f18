/** `nanoops state init`. */
import type { DeclareCommand } from './command.ts';
import { withUnusedStackFlags, type StackFlags } from './flags.ts';
import { refuseFlags } from './refused-flags.ts';
import { examples } from './examples.ts';

export const declareState: DeclareCommand = (state, host) => {
  state
    .description('Where journals and leases are kept: on this machine, or in a DynamoDB table for a team.')
    .addHelpText('after', examples([['nanoops state init', 'create the table that nanoops.yaml names']]));
  withUnusedStackFlags(state.command('init'), ['--config', '--environment', '--profile', '--endpoint-url'])
    .summary('create the team\u2019s table')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops state init', 'the table of ./nanoops.yaml'],
          ['nanoops state init -e staging', 'that of another environment'],
        ],
        '0 it is there; 2 wrong usage or configuration; 3 AWS could not be asked; 5 it could not be created.',
      ),
    )
    .description(
      'Creates the DynamoDB table that the configuration names under "state", and waits until it can be used.',
    )
    .action(async (flags: StackFlags) => {
      const apart = { because: 'the table is in the account, and nothing may be contacted', nextStep: 'leave it out' };
      refuseFlags(flags, {
        sandbox: apart,
        replay: apart,
        dryRun: {
          because: 'there is nothing to rehearse',
          nextStep: 'nanoops config show tells which table "state" names',
        },
      });
      const { name, outcome } = await host.createTable(flags);
      await host.show(flags, {
        document: { schema: 'nanoops/state@1', store: name, outcome },
        human: () =>
          outcome === 'created' ? `${name} was created` : `${name} is there already, and of the right form`,
      });
    });
};
