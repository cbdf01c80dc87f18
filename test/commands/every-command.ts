/** Every command that there is, as completion and help tell them. */
import { runMain } from '../support/run-main.ts';

const subcommandsOf = async (...words: readonly string[]): Promise<readonly string[]> => {
  const { stdout } = await runMain(['complete', '--', ...words, '']);
  return stdout
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '')
    .filter((word) => /^[a-z]/.test(word));
};

/** Every command and every subcommand, by its words. `isNoun`: it has subcommands. */
export async function* everyCommand(): AsyncGenerator<{ readonly path: readonly string[]; readonly isNoun: boolean }> {
  for (const noun of await subcommandsOf()) {
    const isNoun = (await helpOf(noun)).includes('\nCommands:');
    yield { path: [noun], isNoun };
    for (const verb of isNoun ? await subcommandsOf(noun) : []) yield { path: [noun, verb], isNoun: false };
  }
}

export const helpOf = async (...words: readonly string[]) => (await runMain([...words, '--help'])).stdout;
