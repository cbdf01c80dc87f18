/** What is looked at when tasks crash again and again: all at once. */
import { historyMs } from '../../diagnosis/crash-loop/restarts.ts';
import { part, unlessConfigured } from '../configured.ts';
import { foundLines } from '../found-lines.ts';
import { observe } from '../kit.ts';
import { lookback } from '../present.ts';

export { serviceState, stoppedTasks, targets, utilisation } from '../latency/observations.ts';

const minuteMs = 60_000;
/** What ran before may have been deployed long before the crashes. */
const deploymentsMs = 24 * 60 * minuteMs;
/** As long as ECS shows stopped tasks, and a little, since the first of them spoke before it stopped. */
const linesMs = historyMs + 5 * minuteMs;
const mostLines = 3_000;

export const deployments = observe('deployments', {
  title: 'Deployments of the last 24 hours',
  calls: ['ecs:ListServiceDeployments', 'ecs:DescribeServiceDeployments', 'ecs:DescribeServiceRevisions'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) =>
    ports.facts.deployments(part(settings.site.compute), lookback(settings.window, settings.lookedAt, deploymentsMs)),
  detail: (found) => (found.length === 0 ? 'none' : `${found.length}; the newest is ${found[0]?.status ?? 'unknown'}`),
});

export const errorLines = observe('error-lines', {
  title: 'ERROR and CRITICAL log lines',
  calls: ['logs:FilterLogEvents'],
  skip: (_needs, { site }) => unlessConfigured(site.logs?.application, 'logs.application'),
  run: (_needs, { ports, settings }) =>
    ports.facts.errorLines(
      part(settings.site.logs?.application),
      lookback(settings.window, settings.lookedAt, linesMs),
      mostLines,
    ),
  detail: (found) => foundLines(found),
});
