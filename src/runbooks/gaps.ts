/** What should have been looked at and could not be: told in words, and never mistaken for health. */
import type { Known } from '../diagnosis/known.ts';
import type { Conclusion } from '../engine/runbook.ts';

/** What keeps a caller from every answer alike, whatever was asked: told once, with all that it hid. */
const sharedClasses: readonly string[] = ['credentials', 'unreachable', 'throttled'];

/** Each reason once. `titles` are the steps' own, by the same names. What was not to be looked at is no gap. */
export function gapsIn(
  looked: Readonly<Record<string, Known<unknown>>>,
  titles: Readonly<Record<string, string>>,
): readonly string[] {
  const found = new Map<string, { readonly reason: string; readonly hidden: readonly string[] }>();
  for (const [name, known] of Object.entries(looked)) {
    if (known.known || known.because === 'skipped') continue;
    const reason = rootOf(known.reason);
    const { errorClass, nextStep } = known;
    const isShared = nextStep !== undefined && errorClass !== undefined && sharedClasses.includes(errorClass);
    const key = isShared ? `${errorClass}: ${nextStep}` : reason;
    const title = titles[name];
    // A step that only waited for another one hid nothing of its own.
    const isOwn = isShared && title !== undefined && reason === known.reason;
    const before = found.get(key) ?? { reason, hidden: [] };
    found.set(key, { reason: before.reason, hidden: isOwn ? [...before.hidden, title] : before.hidden });
  }
  return [...found.values()].map(({ reason, hidden }) =>
    hidden.length < 2 ? reason : `${reason.replace(/\.$/, '')}. Not read because of it: ${hidden.join('; ')}`,
  );
}

/** What a step says that only waited for others, without the others. */
export function rootOf(reason: string): string {
  return reason.replace(/^(?:needs "[^"]*": )+/, '');
}

/** What goes on needs attention; what could not be judged, or not fully, is no health. */
export function verdictFor(
  state: 'ongoing' | 'over' | 'none' | 'unknown',
  gaps: readonly string[],
): Conclusion['verdict'] {
  if (state === 'ongoing') return 'attention';
  return state === 'unknown' || gaps.length > 0 ? 'unknown' : 'ok';
}
