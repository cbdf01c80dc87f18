/**
 * A terminal's second screen, on which a picture of lines is kept up to date. Lines have their places, so that only those
 * that are others now are written, and a whole update appears at once where the terminal can do that: nothing flickers and
 * nothing scrolls. What was on the first screen is there again afterwards. Knows nothing of what is drawn.
 *
 * Written by hand rather than with log-update, which draws upwards from the cursor within the lines that scroll, and has to
 * know for that how each line was broken: after a window is made narrower it cannot. Sources: xterm, "Control Sequences"
 * (DECSET 25, 7, 1049; CUP, EL, ED); Contour, "Synchronized Output" (DECSET 2026), which others ignore.
 */

const escape = '\u001B[';
const enter = `${escape}?1049h${escape}?25l${escape}?7l${escape}H${escape}J`;
const leave = `${escape}?7h${escape}?25h${escape}?1049l`;
const begin = `${escape}?2026h`;
const end = `${escape}?2026l`;

const keys = { interrupt: '\u0003', endOfInput: '\u0004', redraw: '\u000C' } as const;

export interface PictureScreenOptions {
  readonly output: NodeJS.WriteStream;
  /** Absent where there is no keyboard. */
  readonly input?: NodeJS.ReadStream;
  /** The picture for a screen of this size. */
  readonly picture: (size: { readonly columns: number; readonly rows: number }) => readonly string[];
  /** q was typed, or the screen is gone. */
  readonly quit: () => void;
  /** Ctrl-C, of which a keyboard that is read key by key makes no signal. */
  readonly interrupt: () => void;
}

export class PictureScreen {
  private readonly options: PictureScreenOptions;
  /** What each line of the screen holds; empty where that is not known. */
  private drawn: readonly string[] = [];
  private isOpen = false;

  constructor(options: PictureScreenOptions) {
    this.options = options;
  }

  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    const { output, input } = this.options;
    output.on('resize', this.redraw);
    output.on('error', this.lost);
    // However the process ends, the terminal is left as it was found.
    process.on('exit', this.close);
    if (input !== undefined) {
      input.setRawMode(true);
      input.setEncoding('utf8');
      input.on('data', this.typed);
      input.on('error', this.lost);
      input.resume();
    }
    output.write(enter);
  }

  /** Draws what is another line now. */
  readonly draw = (): void => {
    if (!this.isOpen) return;
    const { output, picture } = this.options;
    // A terminal that does not say how large it is has the size of the first ones.
    const [columns, rows] = [output.columns || 80, output.rows || 24];
    const lines = picture({ columns, rows }).slice(0, rows);
    // Erased first: after a line that fills the screen's width, the cursor stands on its last character.
    const changed = lines.flatMap((line, index) =>
      line === this.drawn[index] ? [] : [`${escape}${index + 1};1H${escape}K${line}`],
    );
    // Below the last line nothing may be left of a longer picture; there is no line below that of the screen.
    const rest =
      lines.length < this.drawn.length && lines.length < rows ? [`${escape}${lines.length + 1};1H${escape}J`] : [];
    this.drawn = lines;
    if (changed.length + rest.length > 0) output.write(begin + changed.join('') + rest.join('') + end);
  };

  /** Leaves the screen and the keyboard as they were. */
  readonly close = (): void => {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { output, input } = this.options;
    output.off('resize', this.redraw);
    process.off('exit', this.close);
    if (input !== undefined) {
      input.off('data', this.typed);
      input.setRawMode(false);
      input.pause();
    }
    output.write(leave);
    output.off('error', this.lost);
    input?.off('error', this.lost);
  };

  /** After a change of size the terminal has moved lines about, so that none is known any more. */
  private readonly redraw = (): void => {
    this.drawn = [];
    this.options.output.write(`${begin}${escape}H${escape}J`);
    this.draw();
    this.options.output.write(end);
  };

  private readonly typed = (text: string): void => {
    for (const key of text) {
      if (key === keys.interrupt) this.options.interrupt();
      if (key === keys.redraw) this.redraw();
      if (key === 'q' || key === 'Q' || key === keys.endOfInput) this.options.quit();
    }
  };

  private readonly lost = (): void => this.options.quit();
}
