/** `nanoops help [topic|command]`: a page of help, or the help of a command. */
import type { Command } from 'commander';
import type { DeclareCommand, Host } from './command.ts';
import { NanoopsError } from '../errors.ts';
import { withUnusedStackFlags, type CommonFlags } from './flags.ts';
import { helpTopics } from './help-topics.ts';

export const declareHelp: DeclareCommand = (help, host) => {
  const width = Math.max(...helpTopics.map(({ name }) => name.length));
  withUnusedStackFlags(help)
    .argument('[word...]', 'a command, or a topic')
    .description('Prints the help of a command, or a page on a topic.')
    .addHelpText(
      'after',
      `
Topics:
${helpTopics.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

Examples:
  nanoops help diagnose latency
  nanoops help exit-codes

Exit codes: 0 printed; 2 there is no such command or topic.`,
    )
    .action(async (words: readonly string[], flags: CommonFlags) => {
      const [first = ''] = words;
      const topic = helpTopics.find(({ name }) => name === first);
      if (topic !== undefined) {
        await showHelp(host, flags, topic.name, await host.helpPage(topic.name));
        return;
      }
      const program = help.parent ?? help;
      const command = commandAt(program, words);
      if (command === undefined) throw await noSuchHelp(program, words);
      await showHelp(host, flags, nameOf(command), helpTextOf(command));
    });
};

async function showHelp(host: Host, flags: CommonFlags, topic: string, text: string): Promise<void> {
  await host.show(flags, { document: { schema: 'nanoops/help@1', topic, text }, human: () => text, language: 'text' });
}

/** `diagnose latency`; of the program its own. */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${nameOf(parent)} ${command.name()}`;
}

/** What its --help prints. */
function helpTextOf(command: Command): string {
  const printed: string[] = [];
  command.configureOutput({ writeOut: (text) => void printed.push(text) }).outputHelp();
  return printed.join('');
}

/** The command that the words lead to; words after it are its arguments. */
function commandAt(program: Command, words: readonly string[]): Command | undefined {
  let at = program;
  for (const word of words) {
    const next = at.commands.find((each) => each.name() === word);
    if (next === undefined) return at === program || at.commands.length > 0 ? undefined : at;
    at = next;
  }
  return at;
}

async function noSuchHelp(program: Command, words: readonly string[]): Promise<NanoopsError> {
  const { didYouMean } = await import('../use-cases/did-you-mean.ts');
  const [first = '', second = ''] = words;
  const noun = program.commands.find((each) => each.name() === first);
  const known =
    noun === undefined
      ? [...program.commands.map((each) => each.name()), ...helpTopics.map(({ name }) => name)]
      : noun.commands.map((each) => each.name());
  const word = noun === undefined ? first : second;
  const guess = didYouMean(word, known);
  return new NanoopsError(
    noun === undefined ? `there is no command and no topic "${word}"` : `"${first}" has no subcommand "${word}"`,
    {
      code: 'UnknownTopic',
      exitCode: 2,
      details: guess === undefined ? [] : [guess],
      nextStep: noun === undefined ? 'nanoops help' : `nanoops ${first} --help`,
    },
  );
}
