/** The screen of a watch, against a terminal that does what it is told. */
import { describe, expect, it } from 'vitest';
import { PictureScreen } from '../../src/terminal/picture-screen.ts';
import { fakeTerminal } from './keyboard.ts';
import { patiently } from '../support/patiently.ts';

/** The lines of a screen after all that was written to it: as much of a terminal as is used. */
function shownBy(
  written: string,
  rows: number,
): { readonly lines: readonly string[]; readonly modes: ReadonlySet<string> } {
  const lines = Array.from({ length: rows }, () => '');
  const modes = new Set(['?25', '?7']);
  let [row, column] = [0, 0];
  // oxlint-disable-next-line no-control-regex -- it is what a terminal reads
  for (const [, parameters, command, text] of written.matchAll(/\u001B\[([?\d;]*)([A-Za-z])|([^\u001B]+)/g)) {
    if (text !== undefined) {
      lines[row] =
        (lines[row] ?? '').padEnd(column).slice(0, column) + text + (lines[row] ?? '').slice(column + text.length);
      column += text.length;
    } else if (command === 'H') {
      const [y = 1, x = 1] = (parameters ?? '').split(';').map((each) => Number(each || 1));
      [row, column] = [y - 1, x - 1];
    } else if (command === 'K') lines[row] = (lines[row] ?? '').slice(0, column);
    else if (command === 'J') {
      lines[row] = (lines[row] ?? '').slice(0, column);
      lines.fill('', row + 1);
    } else if (command === 'h') modes.add(parameters ?? '');
    else if (command === 'l') modes.delete(parameters ?? '');
    else throw new Error(`a terminal is told ${parameters}${command}`);
  }
  return { lines, modes };
}

function stage(rows = 6) {
  const terminal = fakeTerminal(20);
  Object.assign(terminal.output, { rows });
  let picture: readonly string[] = [];
  const told: string[] = [];
  const screen = new PictureScreen({
    output: terminal.output,
    input: terminal.stdin,
    picture: () => picture,
    quit: () => told.push('quit'),
    interrupt: () => told.push('interrupt'),
  });
  const before = process.listenerCount('exit');
  screen.open();
  return {
    terminal,
    screen,
    told,
    before,
    draw: (...lines: readonly string[]): string => {
      picture = lines;
      const from = terminal.written().length;
      screen.draw();
      return terminal.written().slice(from);
    },
    shown: () => shownBy(terminal.written(), rows),
  };
}

describe('the screen of a picture', () => {
  it('shows each picture as it is, whatever was there before', () => {
    const { draw, shown } = stage(4);
    draw('one', 'two', 'three');
    expect(shown().lines).toEqual(['one', 'two', 'three', '']);
    draw('one', 'x');
    expect(shown().lines).toEqual(['one', 'x', '', '']);
    draw('a', 'b', 'c', 'the last, full line!');
    expect(shown().lines).toEqual(['a', 'b', 'c', 'the last, full line!']);
    draw('a', 'b', 'c', 'd', 'one too many');
    expect(shown().lines).toEqual(['a', 'b', 'c', 'd']);
  });

  it('writes what is another line now, at once, and nothing where nothing is', () => {
    const { draw } = stage();
    draw('one', 'two', 'three');
    const update = draw('one', 'TWO', 'three');
    expect(update).toBe('\u001b[?2026h\u001b[2;1H\u001b[KTWO\u001b[?2026l');
    expect(draw('one', 'TWO', 'three')).toBe('');
  });

  it('is another screen, without cursor and breaks, and leaves all as it was', () => {
    const { screen, terminal, shown, before, draw } = stage();
    expect(shown().modes).toEqual(new Set(['?1049']));
    expect(terminal.isRaw()).toBe(true);
    screen.close();
    screen.close();
    expect(shown().modes).toEqual(new Set(['?25', '?7']));
    expect(terminal.isRaw()).toBe(false);
    expect(process.listenerCount('exit')).toBe(before);
    expect(terminal.output.listenerCount('resize')).toBe(0);
    expect(draw('too late')).toBe('');
  });

  it('draws all of it anew when the window gets another size', () => {
    const { terminal, draw, shown } = stage(3);
    draw('one', 'two');
    // What a terminal does to the lines then is its own business.
    terminal.output.write('\u001b[1;1Hrubble');
    terminal.output.emit('resize');
    expect(shown().lines).toEqual(['one', 'two', '']);
  });

  it('hears q, Ctrl-C and Ctrl-D', async () => {
    const { terminal, told } = stage();
    terminal.stdin.push('x\u0003q');
    terminal.stdin.push('\u0004');
    await patiently(() => told.length === 3);
    expect(told).toEqual(['interrupt', 'quit', 'quit']);
  });

  it('counts as left when the terminal is gone', () => {
    const { terminal, told } = stage();
    terminal.output.emit('error', new Error('EIO'));
    expect(told).toEqual(['quit']);
  });
});
