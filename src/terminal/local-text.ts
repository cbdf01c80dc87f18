/** Moments that a text names in UTC, as documents and journals have them, told on the reader's own clock, always with the zone. */
import type { RunEvent } from '../engine/events.ts';
import type { RunDocument } from '../report/schemas.ts';
import { momentText } from '../report/wording.ts';

/**
 * `2026-11-23 10:55 UTC`, `10:55:12 UTC`, `2026-11-23T10:55:12Z`; neither what is to be typed (`--since …`) nor the end of a span of
 * every day (`02:00-03:00 UTC`).
 */
const named =
  /(?<!--(?:since|until|at) |[\d:.T–-] ?)(?:(?<day>\d{4}-\d\d-\d\d)[ T])?(?<minute>\d\d:\d\d)(?<second>:\d\d)?(?:\.\d+)?(?: UTC(?![+-])|Z)(?!\w)/g;

const halfDayMs = 12 * 3_600_000;

/** `reference`: the moment near to which a time without a day lies, ISO 8601; without it such a time stays as it is. */
export function localText(text: string, reference: string | undefined, timeZone: string | undefined): string {
  if (!text.includes('UTC') && !text.includes('Z')) return text;
  return text.replace(named, (whole: string, ...rest: readonly unknown[]) => {
    const { day, minute = '', second } = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    const clock = `${minute}${second ?? ':00'}`;
    const at = day === undefined ? nearest(reference, clock) : Date.parse(`${day}T${clock}Z`);
    if (Number.isNaN(at)) return whole;
    const iso = new Date(at).toISOString();
    const told = momentText(iso, day === undefined ? iso : undefined, timeZone);
    // Zones differ by whole minutes.
    return second === undefined ? told : told.replace(/\d\d:\d\d/, `$&${second}`);
  });
}

/** The moment of that clock time in UTC that is nearest to the reference. */
function nearest(reference: string | undefined, clock: string): number {
  if (reference === undefined) return Number.NaN;
  const near = Date.parse(reference);
  const at = Date.parse(`${reference.slice(0, 10)}T${clock}Z`);
  if (at - near > halfDayMs) return at - 2 * halfDayMs;
  return near - at > halfDayMs ? at + 2 * halfDayMs : at;
}

/** What a step says of itself; what is asked and agreed to is left as it is. */
export function localEvent(event: RunEvent, timeZone: string | undefined): RunEvent {
  if (event.type !== 'step.finished' && event.type !== 'step.progressed') return event;
  return { ...event, detail: localText(event.detail, new Date(event.at).toISOString(), timeZone) };
}

/** What a run came to; lines of a log are evidence as they were written, and commands are to be typed: both are left as they are. */
export function localRun(run: RunDocument, timeZone: string | undefined): RunDocument {
  const reference = run.endedAt ?? run.startedAt;
  const local = (text: string): string => localText(text, reference, timeZone);
  const said = <T extends { readonly summary: string }>(told: T): T => ({ ...told, summary: local(told.summary) });
  const seen = <T extends { readonly source: string; readonly detail: string }>(all: readonly T[]): T[] =>
    all.map((each) => (each.source.startsWith('logs:') ? each : { ...each, detail: local(each.detail) }));
  const measured = (told: NonNullable<RunDocument['objectives']>): NonNullable<RunDocument['objectives']> => ({
    ...told,
    rpo: { ...told.rpo, stores: told.rpo.stores.map((store) => ({ ...store, basis: local(store.basis) })) },
  });
  const { symptom, outcome, objectives, recovery, failback, notes } = run;
  return {
    ...run,
    steps: run.steps.map((step) => ({ ...step, detail: local(step.detail) })),
    causes: run.causes.map((cause) => ({
      ...said(cause),
      for: seen(cause.for),
      against: seen(cause.against),
      missing: seen(cause.missing),
    })),
    ...(objectives === undefined ? {} : { objectives: measured(objectives) }),
    ...(failback?.objectives === undefined
      ? {}
      : { failback: { ...failback, objectives: measured(failback.objectives) } }),
    ...(symptom === undefined ? {} : { symptom: said(symptom) }),
    ...(outcome === undefined ? {} : { outcome: said(outcome) }),
    ...(recovery === undefined
      ? {}
      : { recovery: { ...recovery, blockers: recovery.blockers.map(local), lessons: recovery.lessons.map(local) } }),
    ...(notes === undefined ? {} : { notes: notes.map(local) }),
  };
}
