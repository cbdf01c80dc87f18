import { vi } from 'vitest';

/** Until something holds, on a machine that has others to serve as well: one second, which is the default, is soon over there. */
export function patiently(holds: () => boolean, interval = 50): Promise<unknown> {
  return vi.waitUntil(holds, { timeout: 30_000, interval });
}
