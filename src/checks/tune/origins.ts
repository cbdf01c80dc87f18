/** Where `tune` read something, and what it says of what it could not. */
import type { Evidence } from '../../diagnosis/evidence.ts';
import { notConfigured, reasonOf, seenIn, unknown, type Judged, type Origin, type Unseen } from '../judged.ts';
import type { CheckSettings } from '../kit.ts';

export const web: Origin = { operation: 'http:GET', region: 'outside' };

export function sql(told: Pick<CheckSettings, 'site'>, table: string): Origin {
  return { operation: `mysql:${table}`, region: told.site.region };
}

export function redis(told: Pick<CheckSettings, 'site'>, command: string): Origin {
  return { operation: `redis:${command}`, region: told.site.region };
}

/** As `unseen`, for what says itself of whom it was asked. */
export function unseenThere(what: Unseen, origin: Origin): Judged {
  if (what.because === 'skipped') return notConfigured(what.reason);
  const reason = reasonOf(what);
  return unknown(reason, seenIn(origin, reason), what.nextStep === undefined ? {} : { nextStep: what.nextStep });
}

/** So many lines of evidence are read; more of the same add nothing. */
const mostLines = 20;

/** One line of evidence for each, and one that says how many more there are. */
export function linesOf<T>(origin: Origin, items: readonly T[], text: (item: T) => string): readonly Evidence[] {
  const shown = items.slice(0, mostLines).flatMap((item) => seenIn(origin, text(item)));
  const rest = items.length - mostLines;
  return rest > 0 ? [...shown, ...seenIn(origin, `and ${rest} more`)] : shown;
}

/** Cut for a line that holds more than this. */
export function shortened(text: string, most = 90): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}\u2026` : line;
}
