/** The product's own numbers. Some are written once a day, so that a day is looked at. */
import type { BusinessMetrics } from '../../cloud/facts.ts';
import type { Series, Window } from '../../cloud/series.ts';
import type { CheckId } from '../../config/check-ids.ts';
import { pointsIn } from '../../diagnosis/shift.ts';
import { check, type CheckSeverity } from '../check.ts';
import { dayMs, hourMs, windowOf, type CheckSettings } from '../kit.ts';
import { amount } from '../limits.ts';
import { hasPoints, judged, latest, noData, seriesEvidence, sumOf, whenKnown } from '../measures.ts';
import { seen } from '../observations.ts';
import { metricsIn } from './api.ts';

const area = 'business';

export function lastDay(settings: CheckSettings): Window {
  return windowOf(settings, dayMs);
}

type GaugeId = Extract<CheckId, 'daily-active-users' | 'chat-response-time' | 'moderation-queue'>;

/** The newest value of the last day. */
function gauge(
  id: GaugeId,
  how: {
    readonly title: string;
    readonly severity: CheckSeverity;
    readonly what: string;
    readonly scale: number;
    readonly of: (found: BusinessMetrics) => Series;
    readonly nextStep: string;
  },
) {
  const { title, severity, what, scale, of, nextStep } = how;
  return check(id, {
    title,
    area,
    severity,
    window: '1d',
    needs: { business: seen.business },
    judge: ({ business }, told, limit) =>
      whenKnown(business, limit, metricsIn(told), (found) =>
        latest({ series: of(found), window: lastDay(told), limit, scale, what, nextStep }),
      ),
  });
}

export const dailyActiveUsers = gauge('daily-active-users', {
  title: 'Daily active users',
  severity: 'info',
  what: 'daily active users:',
  scale: 1,
  of: ({ dailyActiveUsers: users }) => users,
  nextStep: 'nanoops capacity forecast',
});

export const newNanos = check('new-nanos', {
  title: 'New Nanos a day',
  area,
  severity: 'info',
  window: '1d',
  needs: { business: seen.business },
  judge: ({ business }, told, limit) =>
    whenKnown(business, limit, metricsIn(told), ({ newNanos: series }) => {
      const window = lastDay(told);
      if (!hasPoints(series, window)) return noData(limit, 'new Nanos: nothing was reported over 1d', series);
      const value = sumOf(series, window);
      const text = `${amount(value, 'count')} new Nanos over 1d`;
      const days = Array.from({ length: 14 }, (_, index) => {
        const to = told.until - (13 - index) * dayMs;
        return { from: to - dayMs, to };
      });
      const recent = days.filter((day) => pointsIn(series, day).length > 0).map((day) => sumOf(series, day));
      return judged(
        limit,
        { value, window, recent },
        text,
        [seriesEvidence(series, text)],
        'ask what keeps creators from publishing',
      );
    }),
});

export const chatResponseTime = gauge('chat-response-time', {
  title: 'Chat response time',
  severity: 'warning',
  what: 'chats are answered after',
  scale: hourMs,
  of: ({ chatResponse }) => chatResponse,
  nextStep: 'assign more people to the chat',
});

export const moderationQueue = gauge('moderation-queue', {
  title: 'Moderation queue',
  severity: 'warning',
  what: 'the oldest item has waited for',
  scale: hourMs,
  of: ({ moderationAge }) => moderationAge,
  nextStep: 'assign more reviewers',
});
