/**
 * What is drawn on: a stream, how wide it is and whether it has colours. Whoever builds a screen decides on colour
 * (NO_COLOR, FORCE_COLOR, --no-color); nothing that draws looks at the environment.
 */
import { Chalk } from 'chalk';

/** None, 16, 256 or 16 million colours. */
export type ColorLevel = 0 | 1 | 2 | 3;

export interface Writable {
  write(text: string): unknown;
}

export interface Screen {
  readonly out: Writable;
  readonly color: boolean;
  /** Cells in a line. */
  readonly columns: number;
}

/**
 * Colours by meaning. Each stands beside a mark or a word that says the same, is one of the sixteen that a terminal's
 * theme sets, and is legible on dark and on light.
 */
export interface Palette {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubt: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

export function paletteOf(color: boolean): Palette {
  // Sixteen colours are all that is used, so that a terminal's own theme decides how they look.
  const chalk = new Chalk({ level: color ? 1 : 0 });
  return { good: chalk.green, bad: chalk.red, doubt: chalk.magenta, strong: chalk.bold, faint: chalk.dim };
}

/** The screen's width within what the layouts are made for. */
export function widthFor({ columns }: Pick<Screen, 'columns'>): number {
  return Math.min(200, Math.max(40, columns));
}

export function writeLines({ out }: Screen, lines: readonly string[]): void {
  if (lines.length > 0) out.write(`${lines.join('\n')}\n`);
}
