/**
 * A service's checks as compressed JSON, unpacked anew each time they are read: of hundreds of services they would be a fifth of
 * the memory, and a renderer looks at one service at a time.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { FleetEntry } from '../use-cases/fleet.ts';

/** The same entry for whoever reads it; copied with a spread it is unpacked for good. */
export function withPackedChecks(entry: FleetEntry): FleetEntry {
  const { checks, ...rest } = entry;
  if (checks === undefined) return entry;
  // Copied, since what zlib gives is the beginning of a piece of 16 KiB, all of which would be kept.
  const packed = Uint8Array.from(deflateRawSync(JSON.stringify(checks), { level: 1 }));
  return {
    ...rest,
    get checks(): NonNullable<FleetEntry['checks']> {
      return JSON.parse(inflateRawSync(packed).toString('utf8'));
    },
  };
}
