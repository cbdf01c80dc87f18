/**
 * What watches the simulated account and was made by calls: alarms, topics, rules, dashboards. Plain data, as the calls gave
 * it; nothing of it acts. Pure.
 */
import type { PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { Target } from '@aws-sdk/client-eventbridge';
import type { WorldInventory } from './inventory.ts';

export type Tags = Readonly<Record<string, string>>;

export interface StoredAlarm {
  readonly kind: 'metric' | 'composite';
  readonly given: Omit<PutMetricAlarmInput, 'Tags'> | Omit<PutCompositeAlarmInput, 'Tags'>;
  readonly tags: Tags;
  /** Epoch milliseconds. */
  readonly changedAt: number;
}

export interface StoredSubscription {
  readonly id: string;
  readonly protocol: string;
  readonly endpoint: string;
}

export interface StoredTopic {
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Tags;
  readonly subscriptions: readonly StoredSubscription[];
}

export interface StoredRule {
  readonly description: string;
  readonly pattern: string;
  readonly isEnabled: boolean;
  readonly tags: Tags;
  readonly targets: readonly Target[];
}

/** By their names. */
export interface Watchers {
  readonly alarms: Readonly<Record<string, StoredAlarm>>;
  readonly topics: Readonly<Record<string, StoredTopic>>;
  readonly rules: Readonly<Record<string, StoredRule>>;
}

const none: Watchers = { alarms: {}, topics: {}, rules: {} };

export function watchersIn({ watchers }: WorldInventory, region: string): Watchers {
  return watchers?.[region] ?? none;
}

/** With one thing of that kind and name as given; without it where nothing is. */
export function withWatcher<Kind extends keyof Watchers>(
  inventory: WorldInventory,
  region: string,
  kind: Kind,
  name: string,
  stored: Watchers[Kind][string] | undefined,
): WorldInventory {
  const before = watchersIn(inventory, region);
  const { [name]: _before, ...rest } = before[kind];
  const after = { ...before, [kind]: stored === undefined ? rest : { ...rest, [name]: stored } };
  return { ...inventory, watchers: { ...inventory.watchers, [region]: after } };
}

/** Dashboards are of no region. */
export function withDashboard(inventory: WorldInventory, name: string, body: string | undefined): WorldInventory {
  const { [name]: _before, ...rest } = inventory.dashboards ?? {};
  return { ...inventory, dashboards: body === undefined ? rest : { ...rest, [name]: body } };
}

export function tagsOf(
  given: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] = [],
): Tags {
  return Object.fromEntries(given.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));
}

export function tagList(tags: Tags) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
