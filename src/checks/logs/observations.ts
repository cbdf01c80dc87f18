/** What the checks of logging look at. */
import type { LogGroup } from '../../cloud/log-facts.ts';
import type { Source, Window } from '../../cloud/series.ts';
import type { RegionalStack } from '../../cloud/stack.ts';
import type { LineFaults } from '../../logs/line-faults.ts';
import { settled } from '../../engine/step.ts';
import { hourMs, minuteMs, observe, part, unlessConfigured, windowOf, type CheckSettings } from '../kit.ts';

/** Lines of the service, and which of them do not hold what they should. */
interface LineSample extends LineFaults {
  readonly source: Source;
}

type Kind = keyof NonNullable<RegionalStack['logs']>;

/** The groups of one kind: those that its name begins. */
const groupsOf = (kind: Kind) =>
  observe(`log-groups-${kind}`, {
    title: `Log groups of the ${kind}`,
    calls: ['logs:DescribeLogGroups'],
    skip: (_needs, { site }) => unlessConfigured(site.logs?.[kind], `logs.${kind}`),
    run: (_needs, { ports, settings }): Promise<readonly LogGroup[]> => {
      const { region, logGroup } = part(settings.site.logs?.[kind]);
      return ports.facts.logGroups(region, kind === 'database' ? `${logGroup}/` : logGroup);
    },
    detail: (groups) => `${groups.length} groups`,
  });

const exportsOf = observe('database-log-exports', {
  title: 'Log exports of the database',
  calls: ['rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database'),
  run: async (_needs, { ports, settings }) =>
    (await ports.facts.databaseState(part(settings.site.database))).logExports,
  detail: (exports) => exports.join(', ') || 'none',
});

/** The last hour in spans of five minutes, so that a sample is of all of it. */
function sampleSpans(settings: Pick<CheckSettings, 'until'>): readonly Window[] {
  const { from } = windowOf(settings, hourMs);
  return Array.from({ length: 12 }, (_, index) => ({
    from: from + index * 5 * minuteMs,
    to: from + (index + 1) * 5 * minuteMs,
  }));
}

const sample = observe('log-lines', {
  title: 'A sample of the service\u2019s lines, last hour',
  calls: ['logs:FilterLogEvents'],
  skip: (_needs, { site }) => unlessConfigured(site.logs?.application, 'logs.application'),
  run: async (_needs, { ports, settings, clock }): Promise<LineSample> => {
    const group = part(settings.site.logs?.application);
    const bounds = { linesEach: 25, calls: 36 };
    // Only who looks at lines needs the validator, which takes long to load.
    const [portion, { lineFaults }] = await Promise.all([
      ports.facts.logPortion(group, 'all', sampleSpans(settings), bounds),
      clock.busy(() => import('../../logs/line-faults.ts')),
    ]);
    return { source: portion.source, ...lineFaults(portion.lines, settings.logging?.fields) };
  },
  detail: ({ lines, bad }) => `${bad} of ${lines} lines are bad`,
});

export const seenLogs = {
  applicationGroups: settled(groupsOf('application')),
  databaseGroups: settled(groupsOf('database')),
  cacheGroups: settled(groupsOf('cache')),
  exports: settled(exportsOf),
  sample: settled(sample),
} as const;
