/** What is known to whoever is asked to agree, and whether it is time to call somebody else. */
import { confidenceText } from '../cloud/quantity.ts';
import { ageText } from '../diagnosis/incident.ts';
import type { DiagnosedCause, RunbookSettings } from './kit.ts';
import { upToNow } from './present.ts';

const minuteMs = 60_000;
/** Minutes after which an incident is not the on-call engineer's alone any more. */
const escalateAfterMinutes = 15;

/** The symptom, the likeliest cause, and what speaks for it and against it; a line each. */
export function groundsOf(symptom: string, [first]: readonly DiagnosedCause[]): readonly string[] {
  if (first === undefined) return [symptom];
  return [
    symptom,
    `${first.summary} (${confidenceText(first.confidence)})`,
    ...first.for.slice(0, 4).map((each) => `for: ${each.detail}`),
    ...first.against.slice(0, 3).map((each) => `against: ${each.detail}`),
    ...first.missing.slice(0, 3).map((each) => `not known: ${each.detail}`),
  ];
}

/** What to type where nothing tells how the service is. */
export const silentSteps: readonly string[] = [
  'see whether nanoops.yaml names what serves: a wrong name looks the same',
  'nanoops config show',
];

/** An incident that goes on, as far as its age counts. Plain data. */
export interface Aging {
  /** Epoch milliseconds. */
  readonly onset: number;
  /** Where the onset is from: `as measured`. */
  readonly basis?: string;
  /** What else whoever is called should consider. */
  readonly besides?: string;
}

export interface Escalation {
  readonly due: boolean;
  readonly summary: string;
  /** What goes on getting older; absent where it was looked at in the past, or nothing says since when. */
  readonly still?: Aging;
}

/** As of the moment of looking. */
export function escalationFor(
  { onset, ...told }: Partial<Aging>,
  { window, lookedAt }: Pick<RunbookSettings, 'window' | 'lookedAt'>,
): Escalation {
  if (onset === undefined) {
    return { due: true, summary: `since when is not known: page the on-call architect${told.besides ?? ''}` };
  }
  const aging = { onset, ...told };
  const { to: now } = upToNow(window, lookedAt);
  return now < lookedAt ? judged(aging, now) : { ...judged(aging, now), still: aging };
}

/** As of a later moment, epoch milliseconds: what went on meanwhile has got older. */
export function escalationAt({ still, ...told }: Escalation, now: number): Omit<Escalation, 'still'> {
  return still === undefined ? told : judged(still, now);
}

function judged({ onset, basis, besides = '' }: Aging, now: number): Omit<Escalation, 'still'> {
  const age = `${ageText(now - onset)} old${basis === undefined ? '' : ` (${basis})`}`;
  if (Math.round((now - onset) / minuteMs) <= escalateAfterMinutes) {
    return { due: false, summary: `${age}; escalate after ${escalateAfterMinutes} min` };
  }
  return { due: true, summary: `${age}: page the on-call architect${besides}` };
}
