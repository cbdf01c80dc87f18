/** From a team's check in YAML to a check like any other. */
import type { AnyCheck } from '../checks/check.ts';
import { breach, ok, seenIn, unknown, warning, type Judged, type Origin } from '../checks/judged.ts';
import type { CheckSettings } from '../checks/kit.ts';
import type { CheckFile } from '../config/own/check-file.ts';
import type { Plain, PlainRecord } from '../engine/plain.ts';
import { check, look } from './check.ts';
import { evaluate, ExpressionError, holds, textOf } from './expressions.ts';
import { answerTo, bounded, callsOfSource, lookOf } from './looking.ts';

export function checkOfFile(id: string, file: CheckFile): AnyCheck {
  const { title, area, severity } = file;
  const seen = look('answer', {
    title,
    calls: callsOfSource(file),
    timeoutMs: (file.within ?? 0) + 60_000,
    run: async (_needs, { ports, settings, signal }): Promise<Plain> =>
      bounded(await answerTo(lookOf(file, stackData(settings), settings), ports.named, signal), id),
    detail: () => title,
  });
  return check(id, {
    title,
    ...(area === undefined ? {} : { area }),
    ...(severity === undefined ? {} : { severity }),
    needs: { seen },
    judge: ({ seen: answer }, { site, until }): Judged => {
      const origin = { operation: callsOfSource(file)[0] ?? file.http ?? file.command?.[0] ?? id, region: site.region };
      if (!answer.known) {
        return unknown(answer.reason, [], answer.nextStep === undefined ? {} : { nextStep: answer.nextStep });
      }
      try {
        return judged(file, answer.value, origin, until);
      } catch (error) {
        if (error instanceof ExpressionError) return unknown(error.message, []);
        throw error;
      }
    },
  });
}

function judged(file: CheckFile, answer: Plain, origin: Origin, atMs: number): Judged {
  const { value, unit = 'count', target, alert, say, nextStep } = file;
  const measured = value === undefined ? undefined : evaluate(value, answer);
  if (value !== undefined && typeof measured !== 'number') {
    return unknown(
      `${value} finds ${measured === null ? 'nothing' : JSON.stringify(measured)}, and a number is needed`,
      [],
    );
  }
  const status = statusOf(file, answer);
  const detail = evaluate('detail', answer);
  const shown = typeof measured === 'number' ? `${measured} ${unit}` : typeof detail === 'string' ? detail : undefined;
  const summary =
    say === undefined ? (shown ?? (status === 'ok' ? 'as it should be' : 'not as it should be')) : textOf(say, answer);
  const extras = {
    ...(typeof measured === 'number' ? { observed: { value: measured, unit, atMs } } : {}),
    ...(target === undefined ? {} : { target }),
    ...(alert === undefined ? {} : { alert }),
    ...(nextStep === undefined || status === 'ok' ? {} : { nextStep }),
  };
  const found = seenIn(origin, summary);
  if (status === 'ok') return ok(summary, found, extras);
  return status === 'breach' ? breach(summary, found, extras) : warning(summary, found, extras);
}

/** @throws ExpressionError for a condition that finds nothing: what was not there to be judged is not well. */
function statusOf(file: CheckFile, answer: Plain): 'ok' | 'warning' | 'breach' {
  for (const status of ['breach', 'warning'] as const) {
    const condition = file[status];
    if (condition === undefined) continue;
    if (evaluate(condition, answer) === null) {
      throw new ExpressionError(`${status}: ${condition} finds nothing in the answer, so that nobody can tell`);
    }
    if (holds(condition, answer)) return status;
  }
  // A program that fails and an address that does not answer are no success, where nobody says what is.
  const isJudged = file.breach !== undefined || file.warning !== undefined || file.call !== undefined;
  return isJudged || holds('ok', answer) ? 'ok' : 'breach';
}

function stackData({ site, stack }: CheckSettings): PlainRecord {
  return { stack: { ...site, environment: stack.environment } as unknown as PlainRecord };
}
