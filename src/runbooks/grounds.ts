/** What is known to whoever is asked to agree, and whether it is time to call somebody else. */
import { confidenceText } from '../cloud/quantity.ts';
import { ageText } from '../diagnosis/incident.ts';
import type { DiagnosedCause } from './kit.ts';

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

export interface Escalation {
  readonly due: boolean;
  readonly summary: string;
}

/** `besides` is what else whoever is called should consider. Times are epoch milliseconds. */
export function escalationFor(onset: number | undefined, now: number, besides = ''): Escalation {
  if (onset === undefined) {
    return { due: true, summary: `since when is not known: page the on-call architect${besides}` };
  }
  const age = `${ageText(now - onset)} old`;
  if (Math.round((now - onset) / minuteMs) <= escalateAfterMinutes) {
    return { due: false, summary: `${age}; escalate after ${escalateAfterMinutes} min` };
  }
  return { due: true, summary: `${age}: page the on-call architect${besides}` };
}
