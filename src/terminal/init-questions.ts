/** Asks which of several things is meant: a short list to walk through, a long one to type into. */
import type { Question } from '../use-cases/init/desk.ts';
import type { QuestionScreen } from './incident-questions.ts';
import { paletteOf } from './screen.ts';
import { plain, truncate } from './text.ts';

/** More than this is searched, not walked through. */
const longestList = 8;
/** An answer that no thing can have as its name. */
const nothing = '';

/** The name of a choice; undefined for none of them, and where somebody left it: then the program is interrupted. */
export async function askToChoose(
  { text, choices, none }: Question,
  { stdin, output, color, signal, interrupt, columns }: QuestionScreen & { readonly columns: number },
): Promise<string | undefined> {
  const { search, select } = await import('@inquirer/prompts');
  const { strong, faint } = paletteOf(color);
  const context = { input: stdin, output, signal };
  const theme = { prefix: strong('?') };
  const named = choices.map(({ name, why }) => ({
    value: name,
    name: truncate(why === '' ? plain(name) : `${plain(name)}  ${plain(why)}`, columns - 4),
    short: plain(name),
  }));
  const noneOfThem = none === undefined ? [] : [{ value: nothing, name: none, short: none }];
  // What is first is taken by whoever just goes on: that is none where nothing speaks for any.
  const isBlind = choices.every(({ why }) => why === '');
  const offered = isBlind ? [...noneOfThem, ...named] : [...named, ...noneOfThem];
  try {
    const answer =
      offered.length <= longestList
        ? await select({ message: text, choices: offered, theme }, context)
        : await search(
            {
              message: `${text} ${faint(`(${choices.length}: type to search)`)}`,
              source: (typed) => matching(offered, typed ?? ''),
              theme,
            },
            context,
          );
    return answer === nothing ? undefined : answer;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Error && error.name === 'ExitPromptError')) throw error;
    interrupt();
    signal.throwIfAborted();
    return undefined;
  }
}

/** Each word somewhere in the name or in what speaks for it; what is none of them stays at hand. */
function matching<T extends { readonly value: string; readonly name: string }>(all: readonly T[], typed: string): T[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return all.filter(
    ({ value, name }) => value === nothing || words.every((word) => `${value} ${name}`.toLowerCase().includes(word)),
  );
}
