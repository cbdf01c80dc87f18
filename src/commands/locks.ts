/** `nanoops locks list|takeover`. */
import { cell, type DeclareCommand } from './command.ts';
import { withUnusedStackFlags, type StackFlags } from './flags.ts';
import { refuseFlags } from './refused-flags.ts';
import { examples } from './examples.ts';

export const declareLocks: DeclareCommand = (locks, host) => {
  locks
    .description('The leases by which runs keep each other from changing the same thing at the same time.')
    .addHelpText('after', examples([['nanoops locks list', '']]));
  withUnusedStackFlags(locks.command('list'), ['--config', '--environment'])
    .summary('list who holds what')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops locks list', ''],
          ['nanoops locks list --json', 'for scripts'],
        ],
        '0 listed; 2 wrong usage or configuration; 3 a store could not be read.',
      ),
    )
    .description('Lists who holds what, since when, and at which step they are.')
    .action(async (flags: StackFlags) => {
      const { listLocks } = await import('../use-cases/locks.ts');
      await host.showList(flags, {
        ...(await host.withStores(flags, (stores) => listLocks(stores, host.wall()))),
        whenEmpty: 'nobody holds anything: any run may act',
        columns: [
          { title: 'resource', text: ({ id }) => id },
          { title: 'who', text: ({ who, summary }) => cell(who ?? summary) },
          { title: 'run', text: ({ runId }) => cell(runId) },
          { title: 'step', text: ({ step }) => cell(step) },
          { title: 'since', text: ({ since }) => cell(since) },
          { title: 'until', text: ({ expiresAt, expired }) => (expired === true ? 'expired' : cell(expiresAt)) },
        ],
      });
    });

  withUnusedStackFlags(locks.command('takeover'), ['--config', '--environment', '--yes'])
    .summary('take a lease away from its holder')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops locks takeover aurora:nano-global', 'asks'],
          ['nanoops locks takeover aurora:nano-global --yes', 'for a run whose process is gone'],
        ],
        '0 taken; 2 wrong usage, or nobody holds it; 3 it could not be read; 4 not agreed to; 5 it could not be written.',
      ),
    )
    .description(
      'Takes a lease away: its holder\u2019s next change is refused, and its run stops where it is. For a run whose process is gone, or whose owner agreed.',
    )
    .argument('<resource>', 'the resource, as the list names it')
    .action(async (resource: string, flags: StackFlags) => {
      refuseFlags(flags, {
        dryRun: { because: 'there is nothing to rehearse', nextStep: 'nanoops locks list tells who holds it' },
      });
      const { takeOverLock } = await import('../use-cases/locks.ts');
      const document = await host.withStores(flags, (stores) =>
        takeOverLock(stores, resource, async ({ holder, expiresAt }) => {
          if (flags.yes === true) return true;
          return host.confirm(flags, `Take ${resource} away from run ${holder.runId}?`, [
            `${holder.who} holds it since ${new Date(holder.since).toISOString()}${holder.step === undefined ? '' : `, at step "${holder.step}"`}`,
            expiresAt > host.wall()
              ? 'its run was alive a moment ago'
              : 'it has expired: a run may take it without this',
          ]);
        }),
      );
      const { from } = document;
      await host.show(flags, {
        document,
        human: () =>
          `${resource} was taken from run ${from.runId} of ${from.who}; its next change is refused.\nnext: nanoops runs show ${from.runId}`,
      });
    });
};
