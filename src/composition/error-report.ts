/** From whatever was thrown to what is told: the exit code, and the document for machines. */
import { CommanderError } from 'commander';
import { CloudError } from '../cloud/errors.ts';
import { DeadlineError, Interrupted } from '../engine/errors.ts';
import { StateError, type StateErrorKind } from '../engine/journal-store.ts';
import { NanoopsError } from '../errors.ts';
import type { ErrorDocument } from '../report/schemas.ts';

/** The error as a person may read it; undefined for a defect of nanoops. `argv` is what was typed after `nanoops`. */
export function toNanoopsError(
  error: unknown,
  heard: readonly string[],
  signal: AbortSignal,
  argv: readonly string[] = [],
): NanoopsError | undefined {
  const known = knownError(error, heard, signal, argv);
  const taken = known !== undefined && wordMissing.has(known.code) ? wordOfSandbox(argv) : undefined;
  if (known === undefined || taken === undefined) return known;
  const { code, exitCode, details, nextStep, message, cause } = known;
  const hint = `"${taken}" was taken for the scenario of --sandbox; what the command is to have goes before that`;
  return new NanoopsError(message, { code, exitCode, details: [hint, ...details], nextStep, cause });
}

/** Codes of what is missing, or wrong, where `--sandbox`, whose scenario may be left out, took a word that was not for it. */
const wordMissing: ReadonlySet<string> = new Set(['MissingArgument', 'TextMissing', 'UnknownScenario']);

function wordOfSandbox(argv: readonly string[]): string | undefined {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const next = words.includes('--sandbox') ? words[words.indexOf('--sandbox') + 1] : undefined;
  return next?.startsWith('-') === true ? undefined : next;
}

function knownError(
  error: unknown,
  heard: readonly string[],
  signal: AbortSignal,
  argv: readonly string[],
): NanoopsError | undefined {
  if (error instanceof NanoopsError) return error;
  if (error instanceof CommanderError) return usageError(error, heard, argv);
  if (error instanceof Interrupted || (signal.aborted && error === signal.reason)) {
    return new NanoopsError('interrupted', {
      code: 'Interrupted',
      exitCode: 130,
      nextStep: 'type the command again; this one has changed nothing',
      cause: error,
    });
  }
  if (error instanceof DeadlineError) {
    return new NanoopsError(error.message, {
      code: 'Deadline',
      exitCode: 3,
      nextStep: 'give it longer with --timeout, or look at what does not answer',
      cause: error,
    });
  }
  if (error instanceof StateError) {
    return new NanoopsError(error.message, {
      code: `State${pascal(error.kind)}`,
      exitCode: stateExitCodes[error.kind],
      nextStep: error.details.nextStep,
      cause: error,
    });
  }
  if (error instanceof CloudError) {
    return new NanoopsError(error.message, {
      code: pascal(error.kind),
      exitCode: 3,
      nextStep: error.details.nextStep,
      cause: error,
    });
  }
  return undefined;
}

/** What cannot be read leaves one in the dark; what cannot be written stops a run. */
const stateExitCodes = {
  'not-found': 2,
  missing: 3,
  unreadable: 3,
  corrupt: 3,
  'newer-version': 3,
  unwritable: 5,
  conflict: 5,
} as const satisfies Record<StateErrorKind, number>;

export function errorDocument(known: NanoopsError | undefined, error: unknown): ErrorDocument {
  if (known === undefined) {
    return {
      schema: 'nanoops/error@1',
      exitCode: 5,
      error: {
        code: 'Defect',
        message: `nanoops itself failed: ${error instanceof Error ? error.message : String(error)}`,
        details: [],
        nextStep: 'run it again with --verbose and report what it prints',
      },
    };
  }
  const { code, message, details, nextStep, exitCode } = known;
  return { schema: 'nanoops/error@1', exitCode, error: { code, message, details: [...details], nextStep } };
}

/** Commander has said what is wrong, and what may have been meant, in words of its own. */
function usageError(error: CommanderError, heard: readonly string[], argv: readonly string[]): NanoopsError {
  const [first = '', ...rest] = heard
    .join('')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const isHelp = error.code === 'commander.help';
  const suggestion = rest.find((line) => line.startsWith('(Did you mean'))?.replaceAll(/^\(|\)$/g, '');
  return new NanoopsError(isHelp ? 'a command is missing' : first.replace(/^error: /, ''), {
    code: usageCodes[error.code] ?? 'WrongUsage',
    exitCode: 2,
    details: suggestion === undefined ? [] : [suggestion.replace(/^Did/, 'did')],
    nextStep: helpFor(argv, first),
    cause: error,
  });
}

/** The most words that a command's name has after `nanoops`. */
const longestCommand = 2;

/**
 * What to type for the help of the command that was meant: its name is in the first words, up to the one that is no
 * command. An argument among them does no harm, since `--help` is heard before it.
 */
function helpFor(argv: readonly string[], complaint: string): string {
  const words = commandWords(argv, /unknown command '(.*)'/.exec(complaint)?.[1]);
  return ['nanoops', ...(words[0] === 'help' ? [] : words), '--help'].join(' ');
}

/** The words that may name the command that was typed. `unknown`: a word that is known to be none. */
export function commandWords(argv: readonly string[], unknown?: string): readonly string[] {
  const end = argv.findIndex((word) => word === unknown || !/^[a-z][a-z-]*$/.test(word));
  return argv.slice(0, end === -1 ? undefined : end).slice(0, longestCommand);
}

const usageCodes: Readonly<Record<string, string>> = {
  'commander.unknownOption': 'UnknownOption',
  'commander.unknownCommand': 'UnknownCommand',
  'commander.missingArgument': 'MissingArgument',
  'commander.optionMissingArgument': 'MissingValue',
  'commander.invalidArgument': 'InvalidValue',
  'commander.excessArguments': 'UnexpectedArgument',
  'commander.help': 'MissingCommand',
};

function pascal(text: string): string {
  return text.replaceAll(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase());
}
