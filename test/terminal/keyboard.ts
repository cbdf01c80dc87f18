/** A terminal without a terminal: a keyboard that types real keys, and a screen that keeps what was drawn. */
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { Clock } from '../../src/engine/clock.ts';
import { patiently } from '../support/patiently.ts';

export interface FakeTerminal {
  readonly stdin: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  /** Waits until this is drawn, since then or ever, and then types. */
  type(after: string, keys: string): Promise<void>;
  /** Everything that was drawn, without what moves the cursor and paints. */
  drawn(): string;
  /** Everything that was written, as it was. */
  written(): string;
  /** Whether the keyboard was left as it was found. */
  isRaw(): boolean;
}

export function fakeTerminal(columns = 80): FakeTerminal {
  let raw = false;
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (mode: boolean) => {
      raw = mode;
    },
  });
  let written = '';
  const output = Object.assign(new PassThrough(), { isTTY: true, columns, rows: 40 });
  output.on('data', (chunk: Buffer) => {
    written += chunk.toString('utf8');
  });
  const drawn = (): string => stripVTControlCharacters(written);
  return {
    // As much of a terminal as a prompt uses.
    stdin: stdin as unknown as NodeJS.ReadStream,
    output: output as unknown as NodeJS.WriteStream,
    type: async (after, keys) => {
      await patiently(() => drawn().includes(after), 2);
      stdin.write(keys);
    },
    drawn,
    written: () => written,
    isRaw: () => raw,
  };
}

/** A clock that goes on only when told. */
export function handClock(startMs: number): Clock & { pass(durationMs: number): void } {
  let now = startMs;
  const sleepers = new Set<{ readonly dueMs: number; wake(): void }>();
  return {
    now: () => now,
    sleep: (durationMs, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { dueMs: now + durationMs, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    busy: (work) => work(),
    pass: (durationMs) => {
      now += durationMs;
      for (const sleeper of sleepers) if (sleeper.dueMs <= now && sleepers.delete(sleeper)) sleeper.wake();
    },
  };
}
