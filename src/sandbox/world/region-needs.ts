/**
 * What a region needs of its own before it can serve, as far as faults take it away: told by the faults alone. That
 * all of it is there is what services answer by themselves.
 */
import { intensity, lasts, type RegionNeed } from './faults.ts';
import type { RegionInventory, WorldInventory } from './inventory.ts';

const DAY_MS = 86_400_000;
/** A certificate that is renewed in time has always so long to go, and was valid so long when it was issued. */
const CERTIFICATE_LEFT_DAYS = 140;
const CERTIFICATE_VALID_DAYS = 198;

type RegionSide = Pick<RegionInventory, 'role'>;

/** Whether the region lacks it at `at`. */
export function isMissing(world: WorldInventory, { role }: RegionSide, what: RegionNeed, at: number): boolean {
  return world.faults.some(
    (fault) => fault.effect === 'missing' && fault.what === what && fault.region === role && lasts(fault, at),
  );
}

export interface CertificateSpan {
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** True of one whose renewal fails. */
  readonly renewalFails: boolean;
}

/** From when to when the region's certificate is valid. */
export function certificateSpan(world: WorldInventory, { role }: RegionSide, at: number): CertificateSpan {
  const expiring = world.faults.find(
    (fault) => fault.effect === 'certificate-expiring' && fault.region === role && fault.from <= at,
  );
  const notAfter =
    expiring?.effect === 'certificate-expiring'
      ? expiring.from + expiring.days * DAY_MS
      : world.startMs + CERTIFICATE_LEFT_DAYS * DAY_MS;
  return {
    notBefore: notAfter - CERTIFICATE_VALID_DAYS * DAY_MS,
    notAfter,
    renewalFails: expiring !== undefined,
  };
}

export interface Backlog {
  readonly operations: number;
  readonly bytes: number;
  /** Since when it grows, epoch milliseconds. */
  readonly since: number;
}

/** What waits to be copied into the recovery region's bucket beside the usual; undefined where nothing does. */
export function replicationBacklog(world: WorldInventory, at: number): Backlog | undefined {
  let backlog: Backlog | undefined;
  for (const fault of world.faults) {
    const share = fault.effect === 'replication-backlog' ? intensity(fault, at) : 0;
    if (fault.effect !== 'replication-backlog' || share === 0) continue;
    backlog = {
      operations: (backlog?.operations ?? 0) + Math.round(fault.operations * share),
      bytes: (backlog?.bytes ?? 0) + Math.round(fault.bytes * share),
      since: Math.min(backlog?.since ?? Infinity, fault.from),
    };
  }
  return backlog;
}
