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

test('has details on lines of their own, of which nothing in a name makes another', () => {
  const heard: string[] = [];
  const screen = { write: (text: string) => heard.push(text), isTTY: true, columns: 20 };
  aside('warning', 'a\nb\u009b2J cannot be used', { stdout: screen, stderr: screen, env: {} }, [
    'x\ny: a link, or no file',
  ]);
  expect(heard.join('')).toBe('warning: a b cannot\n  be used\n  x y: a link, or no\n    file\n');
});

test('is one line for whatever reads it, and broken between words on a screen', () => {
  expect(said(false)).toBe('note: requests go to http://127.0.0.1:4599/of-a-simulation and not to AWS\n');
  expect(said(true)).toBe('note: requests go to\n  http://127.0.0.1:4599/of-a-simulation\n  and not to AWS\n');
});
