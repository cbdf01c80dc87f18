import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { oraSpinner } from '../../src/terminal/spinner.ts';
import { widthOf } from '../../src/terminal/text.ts';
import { patiently } from '../support/patiently.ts';

/** As much of a terminal as a spinner draws on, and what was written to it. */
function terminal(columns: number): { readonly stream: NodeJS.WriteStream; readonly written: () => string } {
  const chunks: string[] = [];
  const stream = Object.assign(new PassThrough(), {
    columns,
    rows: 40,
    isTTY: true,
    clearLine: () => true,
    cursorTo: () => true,
    moveCursor: () => true,
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString('utf8')));
  // Stands for a terminal, which a test has none of.
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => chunks.join('') };
}

// What is loaded at the first use takes real time, and none of the spinner's.
beforeAll(() => import('ora'));
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('shows what is under way, and cleans up', async () => {
  const { stream, written } = terminal(80);
  const spinner = oraSpinner(stream, false);
  spinner.show('3 of 17  Traces of slow requests');
  await patiently(() => written().includes('3 of 17  Traces of slow requests'));
  spinner.show('4 of 17  The slow query log');
  await patiently(() => written().includes('4 of 17  The slow query log'));
  spinner.stop();
  const end = written().length;
  await vi.advanceTimersByTimeAsync(5000);
  expect(written().length).toBe(end);
  expect(written().lastIndexOf('\u001b[?25h')).toBeGreaterThan(written().lastIndexOf('\u001b[?25l'));
});

it('says how long it has been once that is worth knowing', async () => {
  const { stream, written } = terminal(80);
  const spinner = oraSpinner(stream, false);
  spinner.show('Traces');
  await patiently(() => written().includes('Traces'));
  expect(written()).not.toMatch(/Traces \(/);
  await vi.advanceTimersByTimeAsync(4000);
  expect(written()).toMatch(/Traces \([34] s\)/);
  spinner.stop();
});

it('keeps to one line', async () => {
  const { stream, written } = terminal(40);
  const spinner = oraSpinner(stream, false);
  spinner.show('CPU, connections and statement latency of the writer');
  await patiently(() => written().includes('CPU'));
  spinner.stop();
  for (const frame of stripVTControlCharacters(written()).split(/(?=[⠀-⣿])/)) expect(widthOf(frame)).toBeLessThan(40);
});

it('draws nothing for what is over at once', async () => {
  const { stream, written } = terminal(80);
  const spinner = oraSpinner(stream, false);
  spinner.show('Traces');
  spinner.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(written()).toBe('');
});

it('leaves the screen alone while it is paused, and goes on with what was said meanwhile', async () => {
  const { stream, written } = terminal(80);
  const spinner = oraSpinner(stream, false);
  spinner.show('Traces');
  await patiently(() => written().includes('Traces'));
  spinner.pause();
  const paused = written().length;
  spinner.show('Logs');
  await vi.advanceTimersByTimeAsync(5000);
  expect(written().length).toBe(paused);
  spinner.resume();
  await patiently(() => written().slice(paused).includes('Logs'));
  spinner.stop();
  spinner.pause();
  spinner.resume();
  const end = written().length;
  await vi.advanceTimersByTimeAsync(5000);
  expect(written().length).toBe(end);
});
