/**
 * Errors as a person reads them: what and where, every fault on a line of its own, and what to type next. A defect of
 * nanoops itself is told apart from all that a user can mend.
 */
import { NanoopsError } from '../errors.ts';
import { labelledAdvice } from './advice.ts';
import { paletteOf, widthFor, type Palette, type Screen } from './screen.ts';
import { plain, wrap } from './text.ts';

export interface ErrorViewOptions {
  readonly columns: number;
  readonly color?: boolean;
  /** Adds what led to the error. */
  readonly verbose: boolean;
}

/** An error as text, with an end of line: one that a user can do something about, or a defect. */
export function errorView(error: unknown, options: ErrorViewOptions): string {
  const lines = error instanceof NanoopsError ? errorLines(error, options) : defectLines(error, options);
  return `${lines.join('\n')}\n`;
}

function errorLines(error: NanoopsError, options: ErrorViewOptions): string[] {
  const palette = paletteOf(options.color ?? false);
  return [
    ...headLines(error.message, options, palette),
    ...error.details.flatMap((detail) => bulletLines(detail, options)),
    ...(options.verbose ? causeLines(error.cause, options, palette) : []),
    ...nextLines(error.nextStep, options, palette),
  ];
}

/** Frames of a defect's stack that are worth reading; the rest is the way there. */
const stackFrames = 8;

/** An error that nobody foresaw. It says nothing about the user's stack, and says so. */
function defectLines(error: unknown, options: ErrorViewOptions): string[] {
  const palette = paletteOf(options.color ?? false);
  const name = error instanceof Error ? error.name : typeof error;
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  const next = options.verbose
    ? 'report this to the makers of nanoops, with the command that you typed and the lines above'
    : 'add -v to see where it happened, and report it to the makers of nanoops with the command that you typed';
  return [
    ...headLines(`a defect of nanoops: ${message} (${name})`, options, palette),
    ...bulletLines('this tells nothing about your stack: do not read it as healthy or as broken', options),
    ...(options.verbose
      ? [
          ...frames.slice(0, stackFrames).map((line) => palette.faint(`  ${plain(line.trim())}`)),
          ...(error instanceof Error ? causeLines(error.cause, options, palette) : []),
        ]
      : []),
    ...nextLines(next, options, palette),
  ];
}

function headLines(message: string, { columns }: Pick<Screen, 'columns'>, { bad, strong }: Palette): string[] {
  const label = 'error: ';
  const lines = wrap(plain(message), widthFor({ columns }) - label.length);
  return lines.map((line, index) => (index === 0 ? strong(bad(label)) : ' '.repeat(label.length)) + line);
}

function bulletLines(text: string, { columns }: Pick<Screen, 'columns'>): string[] {
  return wrap(plain(text), widthFor({ columns }) - 4).map((line, index) => `  ${index === 0 ? '–' : ' '} ${line}`);
}

/** Causes of a cause are followed this far; a chain can be a ring. */
const longestChain = 5;

function causeLines(cause: unknown, options: ErrorViewOptions, { faint }: Palette): string[] {
  const lines: string[] = [];
  let current = cause;
  for (let depth = 0; depth < longestChain && current instanceof Error; depth += 1) {
    lines.push(...bulletLines(`because: ${current.name}: ${current.message}`, options).map((line) => faint(line)));
    current = current.cause;
  }
  return lines;
}

function nextLines(text: string, { columns }: Pick<Screen, 'columns'>, { strong }: Palette): string[] {
  return labelledAdvice(text, { label: 'next:', painted: strong('next:'), width: widthFor({ columns }) });
}
