/** Times as people type them about an incident. What has not happened yet is none. */
import { parseInstantOrDuration } from '../../config/durations.ts';
import { NanoopsError } from '../../errors.ts';

/** Undefined where nothing was typed. @throws NanoopsError `InvalidTime` */
export function momentOf(text: string | undefined, nowMs: number, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const at = parseInstantOrDuration(text, nowMs, flag);
  if (at <= nowMs) return at;
  throw new NanoopsError(`${flag} ${text} lies in the future: it is ${new Date(nowMs).toISOString()}`, {
    code: 'InvalidTime',
    exitCode: 2,
    nextStep: 'say when it was: a time, or how long ago (5m)',
  });
}
