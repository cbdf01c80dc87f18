import { expect, test } from 'vitest';
import type { FoundMonitoring, MonitoringResource } from '../../src/cloud/monitoring.ts';
import { desiredMonitoring } from '../../src/monitoring/desired.ts';
import { differenceOf } from '../../src/monitoring/difference.ts';
import { primarySite, settingsWith } from './stack.ts';

const settings = settingsWith();
const own = settings.tags;
const wanted = desiredMonitoring(primarySite, settings).resources;
const asWanted: readonly FoundMonitoring[] = wanted.map((each) => ({ ...each, tags: own }));

function named(name: string): FoundMonitoring {
  const found = asWanted.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${name} is not wanted`);
  return found;
}

const others = (name: string, instead: FoundMonitoring): readonly FoundMonitoring[] =>
  asWanted.map((each) => (each.name === name ? instead : each));

test('what is as it should be is left as it is', () => {
  const { changes, unchanged, conflicts, foreign } = differenceOf(wanted, asWanted, own);
  expect({ changes, conflicts, foreign }).toEqual({ changes: [], conflicts: [], foreign: [] });
  expect(unchanged).toHaveLength(wanted.length);
});

test('where nothing is, all of it is made, in its order', () => {
  const { changes } = differenceOf(wanted, [], own);
  expect(changes.map(({ action }) => action)).toEqual(wanted.map(() => 'create'));
  expect(changes.map(({ resource }) => resource)).toEqual(wanted);
});

test('what somebody altered by hand is put right, attribute by attribute', () => {
  const alarm = named('nano-alert-error-rate');
  if (alarm.kind !== 'alarm') throw new Error('it is an alarm');
  const { requests } = alarm.spec.metrics;
  if (requests === undefined) throw new Error('it reads requests');
  const altered: FoundMonitoring = {
    ...alarm,
    spec: {
      ...alarm.spec,
      threshold: 50,
      enabled: false,
      metrics: { ...alarm.spec.metrics, requests: { ...requests, dimensions: { LoadBalancer: 'app/other/1' } } },
    },
  };
  const { changes } = differenceOf(wanted, others(alarm.name, altered), own);
  expect(changes).toMatchObject([{ action: 'update', resource: { name: alarm.name } }]);
  expect(changes[0]?.attributes).toEqual([
    {
      name: 'metrics.requests.dimensions.LoadBalancer',
      before: 'app/other/1',
      after: 'app/nano-alb/50dc6c495c0c9188',
    },
    { name: 'threshold', before: 50, after: 5 },
    { name: 'enabled', before: false, after: true },
  ]);
});

test('a topic’s attributes are set one by one', () => {
  const topic = named('nano-critical');
  if (topic.kind !== 'topic') throw new Error('it is a topic');
  const altered = { ...topic, spec: { displayName: 'Old', policy: {} } };
  const { changes } = differenceOf(wanted, others(topic.name, altered), own);
  expect(changes.map(({ action, attribute }) => [action, attribute])).toEqual([
    ['update', 'displayName'],
    ['update', 'policy'],
  ]);
});

test('what is not wanted any more goes last, what is made of it before it', () => {
  const { changes } = differenceOf([], asWanted, own);
  const kinds = changes.map(({ resource }) => resource.kind);
  expect(changes.every(({ action }) => action === 'delete')).toBe(true);
  expect([...new Set(kinds)]).toEqual(['composite-alarm', 'alarm', 'event-target', 'event-rule', 'topic']);
});

test('what others made is left alone, and what has our name is in the way', () => {
  const foreign: FoundMonitoring = { ...named('nano-alert-cpu-sustained'), name: 'nano-by-hand', tags: {} };
  const otherStack: FoundMonitoring = { ...foreign, name: 'nano-other', tags: { ...own, 'nanoops:service': 'shop' } };
  const taken: FoundMonitoring = { ...named('nano-alert-availability'), tags: {} };
  const found = [...others(taken.name, taken), foreign, otherStack];
  const difference = differenceOf(wanted, found, own);
  expect(difference.changes).toEqual([]);
  expect(difference.conflicts.map(({ name }) => name)).toEqual([taken.name]);
  expect(difference.foreign.map(({ name }) => name)).toEqual(['nano-by-hand', 'nano-other']);
});

test('an alarm of the other kind has the name, too; and nothing is subscribed to somebody else’s topic', () => {
  const composite = named('nano-api-failing');
  const metric: FoundMonitoring = { ...named('nano-alert-error-rate'), name: composite.name };
  expect(differenceOf(wanted, others(composite.name, metric), own).conflicts).toMatchObject([{ kind: 'alarm' }]);
  const topic: FoundMonitoring = { ...named('nano-critical'), tags: {} };
  const { changes, conflicts } = differenceOf(wanted, [topic], own);
  expect(conflicts.map(({ name }) => name)).toEqual(['nano-critical']);
  expect(changes.filter(({ resource }) => resource.name.startsWith('nano-critical'))).toEqual([]);
});

test('whoever subscribed by himself stays, and who never agreed lapses by himself', () => {
  const topic = 'arn:aws:sns:us-west-2:123456789012:nano-critical';
  const subscriber = (protocol: string, endpoint: string): MonitoringResource => ({
    kind: 'subscription',
    region: 'us-west-2',
    name: `nano-critical ${protocol}:${endpoint}`,
    spec: { topic, protocol, endpoint },
  });
  const pager: FoundMonitoring = { ...subscriber('https', 'https://pager.example'), tags: own };
  const gone: FoundMonitoring = { ...subscriber('sms', '+491700000000'), tags: own };
  const silent: FoundMonitoring = { ...subscriber('email', 'old@nano.example'), tags: own, isPending: true };
  const difference = differenceOf(wanted, [...asWanted, pager, gone, silent], own);
  expect(difference.foreign.map(({ name }) => name)).toEqual([pager.name]);
  expect(difference.pending.map(({ name }) => name)).toEqual([silent.name]);
  expect(difference.changes).toMatchObject([{ action: 'delete', resource: { name: gone.name } }]);
});

test('a target that somebody else hung on our rule stays while the rule does', () => {
  const target = named('nano-crashes warning');
  if (target.kind !== 'event-target') throw new Error('it is a target');
  const [rule, name] = [target.spec.rule, `${target.spec.rule} their-function`];
  const theirs: FoundMonitoring = {
    ...target,
    name,
    spec: { rule, target: 'arn:aws:lambda:us-west-2:123456789012:function:tell', paths: {}, template: '' },
  };
  const difference = differenceOf(wanted, [...asWanted, theirs], own);
  expect(difference.changes).toEqual([]);
  expect(difference.foreign.map((each) => each.name)).toEqual([name]);
  const gone = differenceOf([], [...asWanted, theirs], own).changes.map(({ resource }) => resource.name);
  expect(gone.indexOf(name)).toBeGreaterThanOrEqual(0);
  expect(gone.indexOf(name)).toBeLessThan(gone.indexOf(rule));
});
