/** `nanoops complete`: what the scripts of shells ask. The help does not list it. */
import type { DeclareCommand } from './command.ts';
import { commands } from './catalogue.ts';
import { helpTopics } from './help-topics.ts';

export const declareComplete: DeclareCommand = (complete, host) => {
  complete
    .description('Prints what the last word of a command line may become: for the scripts of shells.')
    .argument('[word...]', 'the words after the program\u2019s name, after --')
    .option('--line <line>', 'the line up to the cursor, as bash has it')
    .option('--breaks <characters>', 'what breaks words for bash', '')
    .action(async (words: readonly string[], { line, breaks }: { line?: string; breaks: string }) => {
      const [{ candidatesFor }, { filesLine }, { asReply, typedLine }] = await Promise.all([
        import('./completion-tree.ts'),
        import('../use-cases/completion/scripts.ts'),
        import('../use-cases/completion/line.ts'),
      ]);
      const typed = line === undefined ? undefined : typedLine(line);
      const kept = {
        runs: () => host.keptIds('runs'),
        incidents: () => host.keptIds('incidents'),
        steps: (runId: string) => host.keptSteps(runId),
        // What cannot be listed is not offered; who asks for it is told.
        own: async (kind: 'runbooks' | 'checks') => (await host.own({}))[kind].ids().catch(() => []),
      };
      const topics = helpTopics.map(({ name, summary }) => ({ value: name, description: summary }));
      const program = complete.parent ?? complete;
      // What stands in a line of one word was not seen when the words of the command line were. Of other commands their names do.
      for (const { name, load } of typed === undefined ? [] : commands) {
        const command = program.commands.find((each) => each.name() === name);
        if (command !== undefined && command !== complete && typed?.words.includes(name)) (await load())(command, host);
      }
      const found = await candidatesFor(program, typed?.words ?? words, kept, topics);
      if (found === 'files') {
        host.write(`${filesLine}\n`);
        return;
      }
      const lines = found.map(({ value, description }) => {
        if (typed !== undefined) return asReply(value, typed, breaks);
        return description === undefined ? value : `${value}\t${oneLine(description)}`;
      });
      host.write(lines.map((each) => `${each}\n`).join(''));
    });
};

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replace(/\.$/, '');
}
