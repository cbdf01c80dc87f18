/** Finds the place on a command line that is being typed, in the tree of commands as they are declared. */
import type { Argument, Command, Option } from 'commander';
import {
  placeOfArgument,
  placeOfFlag,
  type Candidate,
  type Kept,
  type Place,
  type Typed,
} from '../use-cases/completion/values.ts';

type Candidates = readonly Candidate[] | 'files';

/** What was typed before the word. */
interface Walked {
  readonly command: Command;
  /** As typed: `runbook run`. */
  readonly name: string;
  readonly positionals: readonly string[];
  /** The flag whose value comes next, or may. */
  readonly open: { readonly option: Option; readonly must: boolean } | undefined;
  /** After `--` there are no more flags. */
  readonly over: boolean;
  /** False where a word was none of the command's. */
  readonly known: boolean;
}

/** What the last word may become: all that it begins, whole words. */
export async function candidatesFor(
  program: Command,
  words: readonly string[],
  kept: Kept,
  topics: readonly Candidate[],
): Promise<Candidates> {
  const current = words.at(-1) ?? '';
  const walked = walk(program, words.slice(0, -1));
  const found = await valuesAt(walked, current, kept, topics);
  return found === 'files' ? found : found.filter(({ value }) => value.startsWith(current));
}

async function valuesAt(
  walked: Walked,
  current: string,
  kept: Kept,
  topics: readonly Candidate[],
): Promise<Candidates> {
  const { command, open, over } = walked;
  if (!walked.known) return [];
  if (open?.must === true) return valuesOf(open.option, kept, walked);
  if (!over && current.startsWith('--') && current.includes('=')) {
    const [flag = ''] = current.split('=');
    const option = optionNamed(command, flag);
    const values = option === undefined ? [] : await valuesOf(option, kept, walked);
    return values === 'files' ? values : values.map((each) => ({ ...each, value: `${flag}=${each.value}` }));
  }
  if (!over && current.startsWith('-')) return flagsOf(command);
  const optional = open === undefined ? [] : await valuesOf(open.option, kept, walked);
  const positional = await positionalsAt(walked, kept, topics);
  if (optional === 'files' || positional === 'files') return 'files';
  const values = [...optional, ...positional];
  // Where no word is wanted, flags are what is left.
  return values.length > 0 || over || command.registeredArguments[walked.positionals.length] !== undefined
    ? values
    : flagsOf(command);
}

async function positionalsAt({ command, name, positionals }: Walked, kept: Kept, topics: readonly Candidate[]) {
  if (name === 'help') return [...subcommandsOf(command), ...(command.parent === null ? topics : [])];
  if (command.commands.length > 0) return positionals.length === 0 ? subcommandsOf(command) : [];
  const argument: Argument | undefined =
    command.registeredArguments[positionals.length] ?? command.registeredArguments.findLast(({ variadic }) => variadic);
  if (argument === undefined) return [];
  return argument.argChoices === undefined
    ? told(placeOfArgument(name, argument.name()), kept, { command: name, words: positionals })
    : argument.argChoices.map((value) => ({ value }));
}

function valuesOf({ argChoices, long }: Option, kept: Kept, { name, positionals }: Walked): Promise<Candidates> {
  if (argChoices !== undefined) return Promise.resolve(argChoices.map((value) => ({ value })));
  return told(placeOfFlag(long ?? ''), kept, { command: name, words: positionals });
}

async function told(place: Place | undefined, kept: Kept, typed: Typed): Promise<Candidates> {
  return place === undefined ? [] : place(kept, typed);
}

function subcommandsOf(command: Command): readonly Candidate[] {
  // Hidden ones are those that the help leaves out.
  return (
    command
      .createHelp()
      .visibleCommands(command)
      // That of a noun says what its --help does.
      .filter((each) => command.parent === null || each.name() !== 'help')
      .map((each) => ({ value: each.name(), description: each.summary() || each.description() }))
  );
}

function flagsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, short, description }) => {
      const value = long ?? short;
      return value === undefined ? [] : [{ value, description }];
    });
}

function optionNamed(command: Command, flag: string): Option | undefined {
  return command.options.find(({ long, short }) => flag === long || flag === short);
}

function walk(program: Command, before: readonly string[]): Walked {
  let at: Walked = { command: program, name: '', positionals: [], open: undefined, over: false, known: true };
  for (const word of before) at = after(at, word);
  return at;
}

function after(at: Walked, word: string): Walked {
  const { command, open, over, name, positionals } = at;
  if (open?.must === true) return { ...at, open: afterValue(open.option) };
  if (word === '--' && !over) return { ...at, over: true, open: undefined };
  if (!over && word.startsWith('-') && word !== '-') {
    const [flag = '', value] = word.split('=');
    // Also `-ojson`.
    const short = word.startsWith('--') ? undefined : optionNamed(command, word.slice(0, 2));
    const option = optionNamed(command, flag) ?? short;
    const isJoined = value !== undefined || (short !== undefined && word.length > 2);
    const takes = option !== undefined && (option.required || option.optional) && !isJoined;
    return { ...at, open: takes ? { option, must: option.required } : undefined };
  }
  if (open !== undefined) return { ...at, open: open.option.variadic ? open : undefined };
  if (name === 'help') return { ...at, command: command.commands.find((each) => each.name() === word) ?? command };
  // What follows it are commands.
  if (word === 'help' && name === '') return { ...at, name: word };
  const next = positionals.length === 0 ? command.commands.find((each) => each.name() === word) : undefined;
  if (next !== undefined) return { ...at, command: next, name: name === '' ? word : `${name} ${word}` };
  const isWanted = command.commands.length === 0;
  return { ...at, positionals: [...positionals, word], known: at.known && isWanted };
}

/** Of a flag that takes several values, another may follow. */
function afterValue(option: Option): Walked['open'] {
  return option.variadic ? { option, must: false } : undefined;
}
