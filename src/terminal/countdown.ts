/**
 * The time that is left for a decision, drawn anew each second on the line above the prompt. Owns that line alone, and
 * puts the cursor back where the person types.
 */
import type { Clock } from '../engine/clock.ts';
import { paletteOf } from './screen.ts';

const secondMs = 1_000;
/** Save the cursor, one line up, to its beginning, clear it; and back again (ECMA-48, DEC private modes). */
const above = '\u001b7\u001b[1A\r\u001b[2K';
const back = '\u001b8';

/** `A yes within 44:12 meets the objective.`; times are epoch milliseconds. */
export function countdownText(decideBy: number, now: number, color: boolean): string {
  const { strong, bad } = paletteOf(color);
  const leftMs = decideBy - now;
  const seconds = Math.floor(Math.abs(leftMs) / secondMs);
  const minutes = Math.floor(seconds / 60);
  const text = `${minutes}:${String(seconds % 60).padStart(2, '0')}`;
  return leftMs >= 0
    ? `${strong(`A yes within ${text}`)} meets the objective.`
    : bad(`The objective was missed ${text} ago; a yes still ends the outage.`);
}

export interface CountdownOptions {
  readonly output: NodeJS.WriteStream;
  readonly clock: Clock;
  readonly color: boolean;
  readonly signal: AbortSignal;
}

/** Until the signal aborts. Where time stands still while somebody thinks, as on a simulated clock, nothing moves. */
export async function redraw(decideBy: number, { output, clock, color, signal }: CountdownOptions): Promise<void> {
  for (;;) {
    try {
      await clock.sleep(secondMs, signal);
    } catch {
      return; // It was answered.
    }
    output.write(`${above}${countdownText(decideBy, clock.now(), color)}${back}`);
  }
}
