/** What a step of a move looks with: a cloud that answers what it is told, and nobody outside. */
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { FakeCloud, type Told } from '../../fakes/cloud.ts';
import { RecordingOutside } from '../../support/recording-outside.ts';
import { nowMs, settingsTold } from './pictures.ts';

export function looking(told: Told, at = nowMs) {
  const clock = new VirtualClock(at);
  const cloud = new FakeCloud(told, { region: 'us-east-1', clock });
  return {
    ports: { facts: cloud.facts, outside: new RecordingOutside({}).outside },
    settings: settingsTold(),
    clock,
    signal: new AbortController().signal,
  };
}
