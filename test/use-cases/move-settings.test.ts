/** What a move between regions is told, before it begins. */
import { expect, test, vi } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { stackOf } from '../../src/config/stack.ts';
import { sandboxConfig, sandboxStartMs } from '../../src/sandbox/sandbox.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';

test('while the calendar of drills is loaded, a virtual clock stands still', async () => {
  // As in a process that has asked for no calendar before: loading it takes turns of the event loop.
  vi.resetModules();
  const { moveSettings } = await import('../../src/use-cases/move-settings.ts');
  const config = parseConfig(sandboxConfig, 'a test');
  const clock = new VirtualClock(sandboxStartMs);
  const stop = new AbortController();
  const somebodyWaits = clock.sleep(3_600_000, stop.signal).catch(() => undefined);
  const settings = await moveSettings(
    { config, stack: stackOf(config) },
    { kind: 'drill', mode: 'switchover', isRehearsal: false, isSimulated: true },
    { journals: [], clock, signal: stop.signal },
  );
  expect(clock.now()).toBe(sandboxStartMs);
  expect(settings.blackout).toBeUndefined();
  stop.abort();
  await somebodyWaits;
});
