/** `nanoops notify list|test|flush`. */
import { cell, type DeclareCommand, type Host } from './command.ts';
import { examples } from './examples.ts';
import { withUnusedStackFlags, type StackFlags } from './flags.ts';

const used = ['--config', '--environment', '--profile', '--endpoint-url', '--sandbox', '--dry-run'];

export const declareNotify: DeclareCommand = (notify, host) => {
  notify
    .description(
      'The receivers of notifications: who is told of what, whether they can be reached, what waits for them.',
    )
    .addHelpText(
      'after',
      examples([
        ['nanoops notify list', ''],
        ['nanoops notify test slack', 'send one message'],
      ]),
    );
  withUnusedStackFlags(notify.command('list'), used)
    .summary('list the receivers')
    .addHelpText('after', examples([['nanoops notify list', '']], '0 listed; 2 wrong usage or configuration.'))
    .description('Lists the receivers that are configured, what each is told of, and how many messages wait for it.')
    .action((flags: StackFlags) => showReceivers(host, flags));

  withUnusedStackFlags(notify.command('test'), used)
    .summary('send a test message to a receiver')
    .description(
      'Sends a test message to one receiver, and says what it answered. What it opens at a pager it closes again; a status page, which is public, is only read. Without a name it lists the receivers, and sends nothing.',
    )
    .argument('[name]', 'the receiver, as the configuration calls it: pagerduty, slack, …')
    .addHelpText(
      'after',
      `
Examples:
  nanoops notify test slack              send one message
  nanoops notify test slack --dry-run    send nothing, and say so

Exit codes: 0 it was delivered, 2 there is no such receiver or a secret is
missing, 3 it was not reached or refused.`,
    )
    .action(async (name: string | undefined, flags: StackFlags) => {
      if (name === undefined) {
        await showReceivers(host, flags);
        return;
      }
      const { testReceiver } = await import('../use-cases/notify.ts');
      const document = await host.withNotifyDesk(flags, (desk) => testReceiver(desk, name));
      const { delivered, simulated, detail, exitCode } = document;
      await host.show(flags, {
        document,
        exitCode,
        human: () => `${name}: ${simulated ? '' : delivered ? 'delivered: ' : 'not delivered: '}${detail}`,
      });
    });

  withUnusedStackFlags(notify.command('flush'), used)
    .summary('send what could not be delivered')
    .addHelpText(
      'after',
      examples(
        [['nanoops notify flush', '']],
        '0 nothing waits any more; 2 wrong usage or configuration; 3 something could not be delivered.',
      ),
    )
    .description(
      'Sends the messages of this service that could not be delivered and are kept on this machine. Every run does so too, as soon as a receiver takes something again.',
    )
    .action(async (flags: StackFlags) => {
      const { flushMessages } = await import('../use-cases/notify.ts');
      const document = await host.withNotifyDesk(flags, flushMessages);
      const { messages, left, exitCode } = document;
      await host.show(flags, {
        document,
        exitCode,
        human: () =>
          [
            ...messages.map(({ receiver, title, outcome, detail }) => `${receiver}: ${outcome}: ${title} (${detail})`),
            left === 0
              ? 'nothing waits to be sent'
              : `${left} ${left === 1 ? 'message waits' : 'messages wait'} to be sent`,
          ].join('\n'),
      });
    });
};

async function showReceivers(host: Host, flags: StackFlags): Promise<void> {
  const { listReceivers } = await import('../use-cases/notify.ts');
  await host.showList(flags, {
    document: await host.withNotifyDesk(flags, listReceivers),
    whenEmpty: 'nobody is told of anything: name a receiver under notify in nanoops.yaml (nanoops config schema)',
    columns: [
      { title: 'receiver', text: ({ id }) => id },
      { title: 'is told of', text: ({ told }) => (Array.isArray(told) ? told.join(', ') : '') },
      { title: 'waiting', text: ({ waiting }) => cell(waiting) },
    ],
  });
}
