/** The words of a post-mortem, the same in Markdown and on a page. */
import { durationText } from './duration-text.ts';
import type { PostmortemDocument } from './incident-schemas.ts';

const notMeasured = 'not measured';

/** `10:15 – 11:30 UTC`; with the day of the end where that is another. */
export function timeSpan({
  detectedAt,
  resolvedAt,
}: {
  readonly detectedAt: string;
  readonly resolvedAt: string | null;
}): string {
  const clock = (iso: string): string => iso.slice(11, 16);
  if (resolvedAt === null) return `${clock(detectedAt)} UTC – not over yet`;
  const day = resolvedAt.slice(0, 10);
  return `${clock(detectedAt)} – ${day === detectedAt.slice(0, 10) ? '' : `${day} `}${clock(resolvedAt)} UTC`;
}

export function lengthText(durationMs: number | null): string {
  return durationMs === null ? 'not over yet' : durationText(durationMs);
}

/** What each took, by its name; what was not measured says so. */
export function timeRows({ times }: Pick<PostmortemDocument, 'times'>): readonly (readonly [string, string])[] {
  const text = (ms: number | null): string => (ms === null ? notMeasured : durationText(ms));
  return [
    ['Time to detect', text(times.detectMs)],
    ['Time to acknowledge', text(times.acknowledgeMs)],
    ['Time to diagnose', text(times.diagnoseMs)],
    ['Time to mitigate', text(times.mitigateMs)],
    ['Time to resolve', text(times.resolveMs)],
  ];
}

/** What it meant, a line each. Nothing that was not measured is told as nothing. */
export function impactRows({ impact }: Pick<PostmortemDocument, 'impact'>): readonly (readonly [string, string])[] {
  const { summary, users, usersBasis, usersShare, requests, requestsFailed, failedShare, dataLost, dataLoss } = impact;
  const count = (value: number): string => String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  const percent = (share: number): string => `${Number((share * 100).toFixed(share < 0.1 ? 1 : 0))} %`;
  const lost = dataLoss.map(({ store, lossMs, basis }) =>
    lossMs === null
      ? `${store}: ${notMeasured} (${basis})`
      : `${store}: the newest ${durationText(lossMs)} of writes (${basis})`,
  );
  return [
    ...(summary === null ? [] : [['What it meant', summary] as const]),
    [
      'Users affected',
      users === null
        ? notMeasured
        : `~${count(users)}${usersShare === null ? '' : ` (${percent(usersShare)} of active)`}${usersBasis === null || usersBasis === 'stated' ? '' : `, ${usersBasis}`}`,
    ],
    [
      'Requests failed',
      requestsFailed === null || requests === null
        ? notMeasured
        : `${count(requestsFailed)} of ${count(requests)}${failedShare === null ? '' : ` (${percent(failedShare)})`}`,
    ],
    ['Data lost', [...(dataLost === null ? [] : [dataLost]), ...lost].join('; ') || notMeasured],
    ['Revenue impact', notMeasured],
  ];
}

export function rootCauseText({ cause }: Pick<PostmortemDocument, 'cause'>): string {
  if (cause === null) return 'Not known yet.';
  return cause.confirmed ? cause.summary : `Hypothesis, not confirmed: ${cause.summary}`;
}

/** `(ana, 2026-12-01)`, with a place for what is still open. */
export function actionText({ text, owner, due }: PostmortemDocument['actions'][number]): string {
  return `${text} (${owner ?? 'owner: ____'}, ${due ?? 'due: ____'})`;
}
