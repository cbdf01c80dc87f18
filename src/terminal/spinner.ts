/**
 * The one moving line of a run on an interactive terminal. It is loaded and drawn only when there is something to wait
 * for: a run that is quick never shows it and never pays for it.
 */
import type { Ora } from 'ora';
import { durationText } from '../report/wording.ts';
import { truncate } from './text.ts';

export interface Spinner {
  /** Draws this text below all that is written meanwhile, until told otherwise, and how long it has taken. */
  show(text: string): void;
  /** Takes the line away until `resume`: somebody else draws meanwhile. */
  pause(): void;
  resume(): void;
  /** Takes the line away for good. */
  stop(): void;
}

/** Waits shorter than this stay unannounced. */
const patienceMs = 150;
/** From here on a reader wants to know how long it has been. */
const longMs = 3000;

/** A spinner on a terminal. Leaves the keyboard alone, so that an interrupt reaches the program as usual. */
export function oraSpinner(stream: NodeJS.WriteStream, color: boolean): Spinner {
  return new OraSpinner(stream, color);
}

class OraSpinner implements Spinner {
  private readonly stream: NodeJS.WriteStream;
  private readonly color: boolean;
  private readonly begunAt = performance.now();
  private text = '';
  private drawn: Ora | undefined;
  private timer: NodeJS.Timeout | undefined;
  private state: 'idle' | 'waiting' | 'drawing' | 'paused' | 'stopped' = 'idle';

  constructor(stream: NodeJS.WriteStream, color: boolean) {
    this.stream = stream;
    this.color = color;
  }

  show(text: string): void {
    this.text = text;
    if (this.drawn !== undefined) this.drawn.text = this.line();
    if (this.state !== 'idle') return;
    this.state = 'waiting';
    this.timer = setTimeout(() => void this.draw(), patienceMs);
    this.timer.unref();
  }

  pause(): void {
    if (this.state !== 'stopped') this.takeAway('paused');
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'idle';
    if (this.text !== '') this.show(this.text);
  }

  stop(): void {
    this.takeAway('stopped');
  }

  private takeAway(state: 'paused' | 'stopped'): void {
    clearTimeout(this.timer);
    this.state = state;
    this.drawn?.stop();
    this.drawn = undefined;
  }

  private async draw(): Promise<void> {
    const { default: ora } = await import('ora');
    if (this.state !== 'waiting') return;
    this.state = 'drawing';
    const spinner = ora({
      stream: this.stream,
      color: this.color ? 'cyan' : false,
      discardStdin: false,
      isEnabled: true,
      text: this.line(),
      // Asked for at every frame, and so the place where time is seen to pass.
      prefixText: () => {
        spinner.text = this.line();
        return '';
      },
    });
    this.drawn = spinner;
    spinner.start();
  }

  /** One line, never more: a wrapped one could not be taken away cleanly after the window is resized. */
  private line(): string {
    const elapsedMs = performance.now() - this.begunAt;
    const elapsed = elapsedMs < longMs ? '' : ` (${durationText(Math.floor(elapsedMs / 1000) * 1000)})`;
    const width = (this.stream.columns ?? 80) - 4 - elapsed.length;
    return truncate(this.text, width) + elapsed;
  }
}
