/**
 * Looks again and again at some checks of one stack. What one may go wrong on the way (credentials that expire, throttling,
 * a region that does not answer) is told and looked past; what cannot mend itself ends it at the first look. Reads no
 * clock but the session's, and draws nothing.
 */
import { parseDuration } from '../config/durations.ts';
import { classOf, nextStepOf, type ErrorClass } from '../engine/errors.ts';
import { NanoopsError } from '../errors.ts';
import type { ReportDocument } from '../report/schemas.ts';
import { checkLooks, type Look, type ReportWanted, type StepFailure } from './check-report.ts';
import { exitCodes } from './exit-codes.ts';
import type { Session } from './session.ts';

/** Times are epoch milliseconds of the session's clock; looks count from 1. */
export type WatchEvent =
  | { readonly type: 'looking'; readonly look: number; readonly at: number }
  | {
      readonly type: 'looked';
      readonly look: number;
      readonly at: number;
      readonly document: ReportDocument;
      /** Absent after the last look. */
      readonly nextAt?: number;
    }
  | {
      /** A look that saw nothing. */
      readonly type: 'missed';
      readonly look: number;
      readonly at: number;
      readonly failure: StepFailure;
      readonly nextAt?: number;
    };

/** Who watches. */
export interface Watcher {
  tell(event: WatchEvent): void;
  /** Lets so much of the session's time pass; rejects as soon as the signal aborts. */
  pause(durationMs: number, signal: AbortSignal): Promise<void>;
  /** Aborts when whoever watches has seen enough. */
  readonly quit: AbortSignal;
}

export interface Pace {
  readonly intervalMs: number;
  /** Without it there is no end but that somebody makes. */
  readonly looks?: number;
}

export interface WatchEnd {
  /** Of the last look; 130 where the process was told to end. */
  readonly exitCode: number;
  /** The last look that saw anything. */
  readonly document?: ReportDocument;
}

/** CloudWatch has a value a minute; looking more often than that costs calls, and shows sooner what arrives late. */
const leastIntervalMs = 10_000;
const usualIntervalMs = 30_000;

/** @throws NanoopsError `InvalidDuration`, `InvalidInterval`, `InvalidLooks` */
export function paceOf({ interval, looks }: { readonly interval?: string; readonly looks?: string }): Pace {
  const intervalMs = interval === undefined ? usualIntervalMs : parseDuration(interval, '--interval');
  if (intervalMs < leastIntervalMs) {
    throw new NanoopsError(`--interval ${interval} is too short: the metrics have a value a minute`, {
      code: 'InvalidInterval',
      exitCode: 2,
      nextStep: 'give it 10s or more, or leave it out for 30s',
    });
  }
  if (looks === undefined) return { intervalMs };
  if (!/^[1-9]\d{0,8}$/.test(looks)) {
    throw new NanoopsError(`--looks ${JSON.stringify(looks)} is no number of looks`, {
      code: 'InvalidLooks',
      exitCode: 2,
      nextStep: 'give a whole number from 1 on, or leave it out to look until you end it',
    });
  }
  return { intervalMs, looks: Number(looks) };
}

/** What may be otherwise at the next look. Anything else is for somebody to mend, and shows best at once. */
const passing: ReadonlySet<ErrorClass> = new Set(['throttled', 'unreachable', 'service-fault', 'deadline']);

/**
 * @throws NanoopsError `LookFailed` where the first look sees nothing for a reason that stays, and as `checkReport` does.
 *   Rejects with the signal's reason where the process is told to end before anything was seen.
 */
export async function watchReport(
  session: Session,
  wanted: ReportWanted,
  { intervalMs, looks = Infinity }: Pace,
  watcher: Watcher,
): Promise<WatchEnd> {
  const { clock, signal } = session;
  const stop = AbortSignal.any([signal, watcher.quit]);
  const until = clock.now() + (wanted.timeoutMs ?? Infinity);
  const lookAt = await checkLooks({ ...session, signal: stop }, wanted);
  let seen: ReportDocument | undefined;
  // Whoever leaves before the first look has ended has no answer.
  let exitCode: number = exitCodes.interrupted;
  try {
    for (let look = 1; ; look += 1) {
      const begunAt = clock.now();
      watcher.tell({ type: 'looking', look, at: begunAt });
      const found = await looked(lookAt, until - begunAt);
      stop.throwIfAborted();
      const at = clock.now();
      // A look that the time limit cut off says less than the one before it.
      if (at >= until && seen !== undefined && ('failure' in found || found.document.verdict === 'unknown')) break;
      const nextAt = Math.max(at, begunAt + intervalMs);
      const isLast = look >= looks || nextAt >= until;
      const next = isLast ? {} : { nextAt };
      if ('failure' in found) {
        const { failure } = found;
        const isHopeless = isLast || (look === 1 && !passing.has(failure.errorClass));
        if (seen === undefined && isHopeless) throw lookFailed(failure);
        exitCode = exitCodes.unknown;
        watcher.tell({ type: 'missed', look, at, failure, ...next });
      } else {
        seen = found.document;
        ({ exitCode } = seen);
        watcher.tell({ type: 'looked', look, at, document: seen, ...next });
      }
      if (isLast) break;
      await watcher.pause(nextAt - at, stop);
    }
  } catch (error) {
    if (!stop.aborted) throw error;
    if (signal.aborted) {
      if (seen === undefined) throw signal.reason;
      exitCode = exitCodes.interrupted;
    }
  }
  return { exitCode, ...(seen === undefined ? {} : { document: seen }) };
}

async function looked(
  lookAt: (timeoutMs?: number) => Promise<Look>,
  leftMs: number,
): Promise<{ readonly document: ReportDocument } | { readonly failure: StepFailure }> {
  try {
    const { document, blind } = await lookAt(leftMs === Infinity ? undefined : leftMs);
    return blind === undefined ? { document } : { failure: blind };
  } catch (error) {
    const errorClass = classOf(error);
    // What says of itself that it can happen, happens; a defect, or what was typed wrong, does not pass.
    if (errorClass === 'defect' || !(error instanceof Error)) throw error;
    const nextStep = nextStepOf(error);
    return { failure: { errorClass, reason: error.message, ...(nextStep === undefined ? {} : { nextStep }) } };
  }
}

function lookFailed({ reason, nextStep }: StepFailure): NanoopsError {
  return new NanoopsError(`nothing could be looked at: ${reason}`, {
    code: 'LookFailed',
    exitCode: 3,
    nextStep: nextStep ?? 'nanoops status -v says what was asked, and where',
  });
}
