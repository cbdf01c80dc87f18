/**
 * Uptime of the week: the share of requests that were served, as availability is everywhere here. Periods without requests
 * are not in it; where they are more than a tenth of the week, nobody can say what became of those who asked then.
 */
import { settled } from '../../engine/step.ts';
import { check } from '../check.ts';
import { observe, part, unlessConfigured } from '../kit.ts';
import { amount } from '../limits.ts';
import { doubted, whenKnown } from '../measures.ts';
import { judgeAvailability, metricsIn } from '../metrics/api.ts';
import { coverageOf, lastWeek, leastCoverage } from './week.ts';

const outcomesOfWeek = observe('api-outcomes-week', {
  title: 'How requests ended, last week',
  calls: ['cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.api, 'api.loadBalancer'),
  run: (_needs, { ports, settings }) => ports.facts.apiOutcomes(part(settings.site.api), lastWeek(settings)),
  detail: ({ requests }) => `${requests.points.length} periods of five minutes`,
});

export const weeklyUptime = check('weekly-uptime', {
  title: 'Uptime',
  area: 'api',
  severity: 'critical',
  window: '7d',
  needs: { outcomes: settled(outcomesOfWeek) },
  judge: ({ outcomes }, told, limit) =>
    whenKnown(outcomes, limit, metricsIn(told), (found) => {
      const window = lastWeek(told);
      const judgement = judgeAvailability(found, window, limit);
      const covered = coverageOf(found.requests, window);
      if (covered >= leastCoverage || judgement.observed === undefined) return judgement;
      const text = `only ${amount(covered * 100, 'percent')} of the week reported requests; of these, ${judgement.summary}`;
      return doubted({ ...judgement, summary: text });
    }),
});
