/** What a move may change, by the names of its leases; and the alarms that end it. */
import type { StopCondition } from '../../engine/runbook.ts';
import { databaseResource, serviceResource, type RunbookPorts, type RunbookSettings } from '../kit.ts';
import { moveOf } from './settings.ts';

/** Both regions' halves, so that no other run changes either of them meanwhile. */
export function resourcesOf(settings: RunbookSettings): readonly string[] {
  const { from, to, globalCluster, traffic } = moveOf(settings);
  return [
    ...[from, to].flatMap(({ database, compute }) => [
      ...(database === undefined ? [] : [databaseResource(database)]),
      ...(compute === undefined ? [] : [serviceResource(compute)]),
    ]),
    ...(globalCluster === undefined ? [] : [`aurora:global:${globalCluster}`]),
    ...(traffic === undefined ? [] : [`route53:${traffic.record}`]),
  ];
}

/** `drill.stopAlarms`, wherever they are: a region that does not answer stops nothing. */
export const stopAlarms: StopCondition<RunbookPorts, RunbookSettings> = {
  calls: ['cloudwatch:DescribeAlarms'],
  everyMs: 15_000,
  watch: async ({ ports, settings }) => {
    const { from, to, stopAlarms: names } = moveOf(settings);
    if (names.length === 0) return undefined;
    const found = await Promise.allSettled([from.region, to.region].map((region) => ports.facts.alarms(region, names)));
    const ringing = found
      .flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
      .find(({ state }) => state === 'alarm');
    const failed = found.find((each) => each.status === 'rejected');
    // One region's silence must not hide the other one's alarm.
    if (ringing === undefined && failed !== undefined) throw failed.reason;
    return ringing === undefined
      ? undefined
      : `the alarm ${ringing.name} in ${ringing.region} is ringing: ${ringing.reason}`;
  },
};
