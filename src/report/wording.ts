/**
 * The words for what a run came to, the same on a terminal and on a page: the verdict in one line, a confidence, a
 * length of time. Text that comes out of here may hold text from data: whoever shows it makes it safe for the place.
 */
import { confidenceText } from '../cloud/quantity.ts';
import { changeTally } from './change-text.ts';
import { recoveryHeadline } from './recovery-headline.ts';
import type { RunDocument } from './schemas.ts';

export { durationText } from './duration-text.ts';

/** How a line is meant, for whoever has colours and marks. */
export type Tone = 'good' | 'bad' | 'doubt';

export interface Headline {
  readonly tone: Tone;
  readonly text: string;
}

/** The verdict of a run in one line. */
export function headlineOf(run: RunDocument): Headline {
  const { tone, text } = verdictOf(run);
  return { tone, text: run.mode === 'dry-run' ? `Dry run, nothing was changed. ${text}` : text };
}

function verdictOf(run: RunDocument): Headline {
  if (run.aborted === true && (run.verdict === 'ok' || run.verdict === 'attention')) {
    const split = run.recovery?.splitBrain === 'possible' ? '; split brain is possible' : '';
    return { tone: run.verdict === 'ok' ? 'good' : 'bad', text: `Aborted: ${changesOf(run)}${split}` };
  }
  const recovered = recoveryHeadline(run);
  if (recovered !== undefined) return recovered;
  switch (run.verdict) {
    case 'ok':
      if (run.outcome?.helped === true) {
        const { summary } = run.outcome;
        // Where nothing was wrong, nothing was mended.
        return { tone: 'good', text: run.symptom === undefined ? capitalised(summary) : `Mended: ${summary}` };
      }
      return { tone: 'good', text: `Nothing needs attention: ${explanationOf(run) ?? 'every step succeeded'}` };
    case 'attention':
      return { tone: 'bad', text: explanationOf(run) ?? noteOf(run) ?? `Something needs attention${plannedOf(run)}` };
    case 'unknown':
      return { tone: 'doubt', text: `Could not tell: ${doubtOf(run)}` };
    case 'failed':
      return { tone: 'bad', text: `The run failed: ${failureOf(run)}` };
    case 'awaiting-approval':
      return { tone: 'doubt', text: `Waiting for an approval: ${waitOf(run)}` };
    case 'locked':
      return { tone: 'bad', text: `Locked: ${lockOf(run)}` };
    case 'interrupted':
      return { tone: 'doubt', text: `Interrupted: ${endedOf(run)}, ${changesOf(run)}` };
  }
}

/** True where the headline already says what the first cause's summary says. */
export function headlineNamesCause(run: RunDocument): boolean {
  if (run.outcome?.helped === true) return false;
  return (run.verdict === 'ok' || run.verdict === 'attention') && run.causes.length > 0;
}

function explanationOf(run: RunDocument): string | undefined {
  const { causes, symptom } = run;
  const [first] = causes;
  if (first !== undefined) return `${first.summary} (${confidenceText(first.confidence)})`;
  if (symptom === undefined) return undefined;
  if (symptom.state !== 'ongoing') return symptom.summary;
  const gaps = gapsOf(run);
  return `Nothing found that explains it${gaps === undefined ? '' : `, but ${gaps}`}: ${symptom.summary}`;
}

/** The first note, of a run that changed nothing and names no cause. */
function noteOf({ notes = [], mutations }: RunDocument): string | undefined {
  const [first] = notes;
  if (first === undefined || mutations.length > 0) return undefined;
  const more = notes.length > 1 ? ` (and ${notes.length - 1} more)` : '';
  return `${capitalised(first)}${more}`;
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function doubtOf(run: RunDocument): string {
  const { symptom } = run;
  const gaps = gapsOf(run);
  if (symptom === undefined) return run.notes?.[0] ?? openOf(run) ?? 'the run ended without a verdict';
  if (symptom.state === 'unknown' || gaps === undefined) return symptom.summary;
  return `${symptom.summary}, but ${gaps}`;
}

function openOf({ steps }: RunDocument): string | undefined {
  const open = steps.find((step) => step.status === 'unknown');
  return open === undefined ? undefined : `${open.title}: ${open.detail}`;
}

/** That something could not be looked at, which a reader must know before anything else. */
function gapsOf({ notes = [], steps }: RunDocument): string | undefined {
  if (notes.length === 0) return undefined;
  // One note may tell of many steps that failed alike.
  const failed = steps.filter((step) => step.kind === 'observe' && step.status === 'unknown').length;
  const count = Math.max(notes.length, failed);
  return `${count === 1 ? 'one thing' : `${count} things`} could not be looked at`;
}

function failureOf(run: RunDocument): string {
  const failed = run.steps.find((step) => step.status === 'failed');
  if (failed === undefined) {
    const why = run.suspended === undefined ? '' : `${run.suspended.reason}; `;
    return `${why}${endedOf(run)}, ${changesOf(run)}`;
  }
  const changes = run.mutations.length === 0 ? '' : `; ${changesOf(run)}`;
  return `${failed.title}: ${failed.detail}${changes}`;
}

function plannedOf({ mutations }: RunDocument): string {
  return mutations.length === 0 ? '' : `: ${changeTally(mutations)}`;
}

function waitOf(run: RunDocument): string {
  const waiting = run.steps.find((step) => step.status === 'suspended');
  const why = waiting === undefined ? (run.suspended?.reason ?? endedOf(run)) : `${waiting.title}: ${waiting.detail}`;
  return run.mutations.length === 0 ? why : `${why}; ${changesOf(run)}`;
}

function lockOf(run: RunDocument): string {
  return run.suspended?.reason ?? `another run holds what this one would change; ${changesOf(run)}`;
}

/** What can be typed to go on with a suspended run. */
export function commandsOf({ suspended }: RunDocument): readonly string[] {
  return suspended?.nextSteps.filter((step) => step !== '') ?? [];
}

/** What else to do or type, beside going on with the run. */
export function otherStepsOf(run: RunDocument): readonly string[] {
  const commands = new Set(commandsOf(run));
  return (run.nextSteps ?? []).filter((step) => !commands.has(step));
}

function endedOf({ steps }: RunDocument): string {
  return `${endedCount(steps)} of ${steps.length} steps had ended`;
}

/** Steps that were carried out to their end: neither what waits nor what was never begun. */
export function endedCount(
  steps: readonly { readonly status: RunDocument['steps'][number]['status']; readonly attempts: number }[],
): number {
  return steps.filter(({ attempts, status }) => attempts > 0 && status !== 'blocked' && status !== 'suspended').length;
}

function changesOf({ api, mutations }: RunDocument): string {
  if (mutations.length > 0) return changeTally(mutations);
  return api.mutations === null || api.mutations === 0 ? 'nothing was changed' : counted(api.mutations, 'change');
}

/** What was asked of AWS: of a run that was taken up again, by the process that did. */
export function apiUseText({ api: { calls, mutations }, resumptions = 0 }: RunDocument): string {
  if (calls === null || mutations === null) return 'Not known: a journal does not hold it';
  return `${counted(calls, 'call')}, ${counted(mutations, 'change')}${resumptions === 0 ? '' : ', since it was taken up again'}`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A share between 0 and 1, in whole per cent. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A confidence between 0 and 1, in words: a rank tells the order, this tells how much to bet on it. */
export function confidenceInWords(confidence: number): string {
  if (confidence >= 0.9) return 'almost certain';
  if (confidence >= 0.75) return 'likely';
  if (confidence >= 0.5) return 'possible';
  return 'unlikely';
}

/** A moment in UTC to the second, so that it can be put beside other timelines. */
export function utcText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** A moment to the minute, with its zone; the date stands only where it differs from that of `reference`, if given. */
export function momentText(iso: string, reference: string | undefined, timeZone: string | undefined): string {
  const { day, clock } =
    timeZone === undefined || timeZone === 'UTC' ? plainMoment(iso, timeZone) : zonedMoment(iso, timeZone);
  return reference !== undefined && dayOf(reference, timeZone) === day ? clock : `${day} ${clock}`;
}

/** A moment to the second, with its zone, for what goes on while one reads. */
export function secondText(atMs: number, timeZone: string | undefined): string {
  const iso = new Date(atMs).toISOString();
  const clock = momentText(iso, iso, timeZone);
  return `${clock.slice(0, 5)}:${iso.slice(17, 19)}${clock.slice(5)}`;
}

function dayOf(iso: string, timeZone: string | undefined): string {
  return (timeZone === undefined || timeZone === 'UTC' ? plainMoment(iso, timeZone) : zonedMoment(iso, timeZone)).day;
}

interface Moment {
  /** `2026-11-23` */
  readonly day: string;
  /** `11:03 UTC+1` */
  readonly clock: string;
}

/** On the machine's own clock, or in UTC: without Intl, whose tables take 10 MB, a tenth of what a run needs. */
function plainMoment(iso: string, timeZone: 'UTC' | undefined): Moment {
  const at = new Date(iso);
  const aheadMinutes = timeZone === 'UTC' ? 0 : -at.getTimezoneOffset();
  const shifted = new Date(at.getTime() + aheadMinutes * 60_000).toISOString();
  return { day: shifted.slice(0, 10), clock: `${shifted.slice(11, 16)} ${offsetText(aheadMinutes)}` };
}

/** `UTC`, `UTC+1`, `UTC-3:30`. */
function offsetText(aheadMinutes: number): string {
  if (aheadMinutes === 0) return 'UTC';
  const minutes = Math.abs(aheadMinutes) % 60;
  const hours = Math.floor(Math.abs(aheadMinutes) / 60);
  return `UTC${aheadMinutes < 0 ? '-' : '+'}${hours}${minutes === 0 ? '' : `:${String(minutes).padStart(2, '0')}`}`;
}

function zonedMoment(iso: string, timeZone: string): Moment {
  const date = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  });
  return { day: date.format(new Date(iso)), clock: time.format(new Date(iso)) };
}
