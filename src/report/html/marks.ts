/** The marks that say what a colour says, and the words that say what a mark says. */
import type { RunDocument } from '../schemas.ts';
import { markup, type Markup } from './html.ts';

type Status = RunDocument['steps'][number]['status'];
type Tone = 'good' | 'bad' | 'doubt' | 'faint';

const statusLooks = {
  succeeded: ['✓', 'good', 'succeeded'],
  failed: ['✗', 'bad', 'failed'],
  skipped: ['–', 'faint', 'not needed'],
  blocked: ['·', 'faint', 'not run'],
  suspended: ['‖', 'doubt', 'waits'],
  'rolled-back': ['←', 'doubt', 'put back'],
  planned: ['›', 'faint', 'planned'],
  unknown: ['?', 'doubt', 'unknown'],
} as const satisfies Record<Status, readonly [string, Tone, string]>;

/** A mark alone; who cannot see it needs the word beside it. */
export function markOf(mark: string, tone: Tone): Markup {
  return markup`<span class="mark ${tone}" aria-hidden="true">${mark}</span>`;
}

/** The mark of a step's end; the word is read out only. */
export function statusMark(status: Status): Markup {
  const [mark, tone, word] = statusLooks[status];
  return markup`${markOf(mark, tone)}<span class="vh"> ${word}: </span>`;
}

/** Mark and word. */
export function statusText(status: Status): Markup {
  const [mark, tone, word] = statusLooks[status];
  return markup`<span class="${tone}">${markOf(mark, tone)} ${word}</span>`;
}

/** ✓, ✗ or ? for what was checked, was found wanting, or could not be checked, with the word read out. */
export function checkMark(ok: boolean | null): Markup {
  if (ok === null) return markup`${markOf('?', 'doubt')}<span class="vh"> not known: </span>`;
  return ok
    ? markup`${markOf('✓', 'good')}<span class="vh"> well: </span>`
    : markup`${markOf('✗', 'bad')}<span class="vh"> not well: </span>`;
}
