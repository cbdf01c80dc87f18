/** How a region logs and traces at a moment, where it is not as it should be: in the primary region only. */
import { lasts, type LoggingFault } from '../faults.ts';
import type { RegionInventory, WorldInventory } from '../inventory.ts';

export function loggingAt(
  { faults }: Pick<WorldInventory, 'faults'>,
  { role }: Pick<RegionInventory, 'role'>,
  at: number,
): LoggingFault | undefined {
  if (role !== 'primary') return undefined;
  return faults.find((fault): fault is LoggingFault & typeof fault => fault.effect === 'logging' && lasts(fault, at));
}
