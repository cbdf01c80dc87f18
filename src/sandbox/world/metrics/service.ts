/** AWS/ECS and ECS/ContainerInsights: utilisation of the service and its counts of tasks. */
import type { Dynamics } from '../dynamics.ts';
import { noise } from '../../random.ts';
import { MINUTE_MS } from '../minute.ts';
import { desiredAt, pendingTasks, runningTasks, type RegionInventory } from '../inventory.ts';
import { gauge, gauges, type Datum, type MetricSource, type MetricUnit } from './datum.ts';

/** Of one request and its answer, calls to others included. */
const RECEIVED_BYTES = 14_500;
const TRANSMITTED_BYTES = 61_000;
/** What a task that serves nothing still sends and receives in a second. */
const IDLE_BYTES = 4_000;

export function serviceMetrics(dynamics: Dynamics, region: RegionInventory): readonly MetricSource[] {
  const dimensions = { ClusterName: region.names.cluster, ServiceName: region.names.service };
  const state = (minute: number) => dynamics.state(region, minute);
  const middle = (minute: number) => minute * MINUTE_MS + MINUTE_MS / 2;
  const own = (name: string, unit: MetricUnit, at: (minute: number) => Datum | undefined): MetricSource => ({
    namespace: 'AWS/ECS',
    name,
    dimensions,
    unit,
    at,
  });
  const insight = (name: string, unit: MetricUnit, at: (minute: number) => Datum | undefined): MetricSource => ({
    namespace: 'ECS/ContainerInsights',
    name,
    dimensions,
    unit,
    at,
  });
  /** A zone that loses packets passes fewer bytes; a container's network is counted in bytes a second. */
  const bytes = (minute: number, each: number, key: string) => {
    const { tasks, arrivalsPerSecond, effects } = state(minute);
    return gauges(
      tasks.map((task) => {
        const lost = effects.zone?.zone === task.zoneIndex ? effects.zone.loss : 0;
        const wobble = 1 + 0.06 * (noise(dynamics.world.seed, key, task.task.id, minute) - 0.5);
        return IDLE_BYTES + (arrivalsPerSecond / tasks.length) * each * wobble * (1 - 0.5 * lost);
      }),
    );
  };
  return [
    own('CPUUtilization', 'Percent', (minute) =>
      gauges(state(minute).tasks.map((task) => Math.min(100, task.utilisation * 100))),
    ),
    own('MemoryUtilization', 'Percent', (minute) => gauges(state(minute).tasks.map((task) => task.memory * 100))),
    insight('RunningTaskCount', 'Count', (minute) => gauge(runningTasks(region, middle(minute)).length)),
    insight('DesiredTaskCount', 'Count', (minute) => gauge(desiredAt(region, middle(minute)))),
    insight('PendingTaskCount', 'Count', (minute) => gauge(pendingTasks(region, middle(minute)).length)),
    insight('NetworkRxBytes', 'Bytes/Second', (minute) => bytes(minute, RECEIVED_BYTES, 'received')),
    insight('NetworkTxBytes', 'Bytes/Second', (minute) => bytes(minute, TRANSMITTED_BYTES, 'transmitted')),
  ];
}
