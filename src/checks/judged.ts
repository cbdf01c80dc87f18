/**
 * What a check comes to, and how it is made: a status, one line on what was found, and where it was seen. What could not be
 * seen is unknown, never ok.
 */
import { shellLine } from '../cloud/shell-line.ts';
import type { Known } from '../diagnosis/known.ts';
import { evidence, type Evidence } from '../diagnosis/evidence.ts';
import type { CheckArea, CheckSeverity, CheckStatus } from './check.ts';

/** What was measured. */
export interface Observed {
  readonly value: number;
  /** `ms`, `s`, `%`, `count`, `days`, … */
  readonly unit: string;
  /** The span that it was measured over: `5m`, `7d`. */
  readonly window?: string;
  readonly atMs?: number;
  /** What it was, oldest first, from before the window too: for a curve. */
  readonly recent?: readonly number[];
}

export interface Judged {
  readonly status: CheckStatus;
  /** One line. */
  readonly summary: string;
  /** What to do or type next; absent where nothing is to be done. */
  readonly nextStep?: string;
  readonly observed?: Observed;
  readonly target?: string;
  readonly alert?: string;
  readonly evidence: readonly Evidence[];
  /** What the next run is to be told, in the place of what it was told before. Plain data. */
  readonly keep?: unknown;
}

export interface CheckResult extends Judged {
  readonly id: string;
  readonly title: string;
  readonly area: CheckArea;
  readonly severity: CheckSeverity;
}

/** Where something was read: an operation and a region. */
export interface Origin {
  readonly operation: string;
  readonly region: string;
}

type Extras = Pick<Judged, 'nextStep' | 'observed' | 'target' | 'alert'>;

/** One line of evidence, from where it was read. */
export function seenIn(origin: Origin, detail: string): readonly Evidence[] {
  return [evidence(origin, detail)];
}

export function ok(summary: string, found: readonly Evidence[], extras: Extras = {}): Judged {
  return { status: 'ok', summary, evidence: found, ...extras };
}

/** It is not as aimed for: of readiness, it slows or weakens a failover. */
export function warning(summary: string, found: readonly Evidence[], extras: Extras = {}): Judged {
  return { status: 'warning', summary, evidence: found, ...extras };
}

/** It is beyond what may be: of readiness, it keeps a failover from being done. */
export function breach(summary: string, found: readonly Evidence[], extras: Extras = {}): Judged {
  return { status: 'breach', summary, evidence: found, ...extras };
}

export function unknown(summary: string, found: readonly Evidence[], extras: Extras = {}): Judged {
  return { status: 'unknown', summary, evidence: found, ...extras };
}

export function notConfigured(summary: string): Judged {
  return { status: 'not-configured', summary, evidence: [] };
}

export type Unseen = Extract<Known<unknown>, { known: false }>;

/** What was not looked for is not configured; what was, and could not be seen, is unknown. */
export function unseen(what: Unseen, origin: Origin): Judged {
  if (what.because === 'skipped') return notConfigured(reasonOf(what));
  const reason = placed(reasonOf(what), origin);
  return unknown(reason, seenIn(origin, reason), what.nextStep === undefined ? {} : { nextStep: what.nextStep });
}

/** As `unseen`; but what AWS says is not there, where it must be, is a breach. */
export function missing(what: Unseen, origin: Origin, name: string, nextStep: string): Judged {
  if (what.because === 'skipped' || what.errorClass !== 'not-found') return unseen(what, origin);
  return breach(`${name} is not there in ${origin.region}`, seenIn(origin, reasonOf(what)), { nextStep });
}

/** Why it was not seen, without what follows from that for a run. */
export function reasonOf({ reason }: Unseen): string {
  return reason.replace(/\.? What needed it is unknown\.$/, '');
}

/** With what was asked where, unless the reason says so itself. */
function placed(reason: string, { operation, region }: Origin): string {
  return reason.includes(region) || reason.includes(operation) ? reason : `${operation} in ${region}: ${reason}`;
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function listed(names: readonly string[], most = 3): string {
  const shown = names.length > most + 1 ? names.slice(0, most) : names;
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}

/** An `aws` command that a person can type as it is. */
export function awsLine(
  { awsOptions }: { readonly awsOptions: readonly string[] },
  region: string,
  ...words: readonly string[]
): string {
  return shellLine('aws', ...words, '--region', region, ...awsOptions);
}

/** One line to paste that does all of it; what is no command is told for the first alone. */
export function inTurn(steps: readonly string[]): string | undefined {
  const [first, ...others] = [...new Set(steps)];
  if (first?.startsWith('aws ') !== true) return first;
  return [first, ...others.filter((each) => each.startsWith('aws '))].join(' && ');
}

/** Whole durations for people: `45 s`, `12 min`, `1 h 5 min`, `4 days`. */
export function span(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} days`;
}

/** `10:56 UTC` */
export function clock(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(11, 16)} UTC`;
}
