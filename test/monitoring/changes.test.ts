import { expect, test } from 'vitest';
import { isOwnedBy, type FoundMonitoring } from '../../src/cloud/monitoring.ts';
import { changeOf, lookAtMonitoring } from '../../src/runbooks/monitoring-changes.ts';
import { desiredMonitoring } from '../../src/monitoring/desired.ts';
import { differenceOf } from '../../src/monitoring/difference.ts';
import { FakeCloud } from '../fakes/cloud.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { RecordingOutside } from '../support/recording-outside.ts';
import { primarySite, settingsWith } from './stack.ts';

const settings = settingsWith();
const owner = { account: primarySite.account, tags: settings.tags };
const wanted = desiredMonitoring(primarySite, settings).resources;

async function stateOf(planned: Parameters<typeof changeOf>[0] | undefined, watcher: FoundMonitoring | undefined) {
  if (planned === undefined) throw new Error('nothing is planned');
  const { facts } = new FakeCloud({ watcher: () => watcher }, { region: 'us-west-2', clock: new VirtualClock(0) });
  const look = await lookAtMonitoring(changeOf(planned, owner), {
    ports: { facts, outside: new RecordingOutside({}).outside },
  });
  return look.state;
}

test.each(['alarm', 'composite-alarm', 'topic', 'event-rule'] as const)(
  'an %s that lost its tags after it was planned is neither altered nor deleted',
  async (kind) => {
    const resource = wanted.find((each) => each.kind === kind);
    if (resource === undefined) throw new Error(`no ${kind} is wanted`);
    const ours: FoundMonitoring = { ...resource, tags: settings.tags };
    const theirs: FoundMonitoring = { ...ours, tags: {} };
    expect(isOwnedBy(theirs.tags, settings.tags)).toBe(false);
    const [deletion] = differenceOf([], [ours], settings.tags).changes;
    expect(await stateOf(deletion, ours)).toBe('not-started');
    expect(await stateOf(deletion, theirs)).toBe('drifted');
  },
);
