import { expect, test } from 'vitest';
import { aside } from '../../src/composition/aside.ts';

function said(isTTY: boolean): string {
  const heard: string[] = [];
  const screen = { write: (text: string) => heard.push(text), isTTY, columns: 20 };
  aside('note', 'requests go to http://127.0.0.1:4599/of-a-simulation and not to AWS', {
    stdout: screen,
    stderr: screen,
    env: {},
  });
  return heard.join('');
}

test('is one line for whatever reads it, and broken between words on a screen', () => {
  expect(said(false)).toBe('note: requests go to http://127.0.0.1:4599/of-a-simulation and not to AWS\n');
  expect(said(true)).toBe('note: requests go to\n  http://127.0.0.1:4599/of-a-simulation\n  and not to AWS\n');
});
