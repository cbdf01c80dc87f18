/**
 * How the changes of a run stand, as lines: what is different now stands first, and its mark and words say so; what nobody
 * knows says how to find out. Complete without colour.
 */
import { changeGroups, changeText, howToLook, type Mutation } from '../report/change-text.ts';
import { adviceLines } from './advice.ts';
import type { Palette } from './screen.ts';
import { plain, wrap } from './text.ts';

interface ChangeLook {
  readonly palette: Palette;
  readonly width: number;
  /** True where the run ended well, so that what stays changed is what it was for. */
  readonly well: boolean;
}

/** A block of lines for each way in which changes stand. */
export function changeBlocks(mutations: readonly Mutation[], look: ChangeLook): string[][] {
  const { palette, width } = look;
  return changeGroups(mutations).map(({ status, title, changes }) => {
    const { mark, paint } = markOf(status, look);
    return [
      paint(palette.strong(`${title} (${changes.length})`)),
      ...changes.flatMap((change) => [
        ...marked(paint(mark), changeText(change) + (status === 'reverted' ? ', and back' : ''), width),
        ...(status === 'unknown' ? nextLines(howToLook(change), look) : []),
      ]),
    ];
  });
}

function markOf(status: Mutation['status'], { palette, well }: ChangeLook) {
  const { bad, doubt, strong } = palette;
  const plainly = (text: string): string => text;
  switch (status) {
    case 'applied':
      // After a run that did not end well somebody has to see to it.
      return well ? { mark: '→', paint: strong } : { mark: '!', paint: bad };
    case 'unknown':
      return { mark: '?', paint: doubt };
    case 'reverted':
      return { mark: '←', paint: plainly };
    case 'failed':
      return { mark: '✗', paint: plainly };
    case 'planned':
      return { mark: '›', paint: plainly };
  }
}

function nextLines(text: string, { palette, width }: ChangeLook): string[] {
  const label = 'next ';
  return adviceLines(plain(text), width - 2 - label.length).map(
    (line, index) => `  ${index === 0 ? palette.faint(label) : ' '.repeat(label.length)}${line}`,
  );
}

function marked(mark: string, text: string, width: number): string[] {
  return wrap(plain(text), width - 2).map((line, index) => `${index === 0 ? mark : ' '} ${line}`);
}
