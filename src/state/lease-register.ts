/**
 * Leases on anything that keeps one value for a resource and replaces it only if nobody else did meanwhile. Who may have
 * a lease, and when, is decided here, once for every kind of store.
 */
import { LeaseLostError, type Acquired, type Holder, type Lease, type LeaseStore } from '../engine/lease-store.ts';
import { StateError } from '../engine/journal-store.ts';

/** A lease as it was found, and which version of it that was. */
export interface Registered {
  readonly version: number;
  readonly lease: Lease;
}

export interface LeaseRegister {
  readonly name: string;
  /** The newest version of a resource's lease; undefined where it never had one. */
  read(resource: string): Promise<Registered | undefined>;
  /**
   * Puts `next` in the place of `seen`, if that is still the newest version: then resolves to true. Of several who saw
   * the same, one does.
   */
  swap(seen: Registered | undefined, next: Lease): Promise<boolean>;
  /** The newest version of every lease. */
  all(): Promise<readonly Lease[]>;
}

/** Each failure means that somebody else got through, so many in a row mean that something is wrong. */
const mostTries = 30;

type Decision<T> = { readonly next?: Lease; readonly result: T };

export function leaseStoreOn(register: LeaseRegister): LeaseStore {
  /** What was written here last, by resource. A holder who renews then need not look first, only be refused. */
  const written = new Map<string, Registered>();

  /** Decides on what is there, and again where that is no longer what is there. `known`: what is taken to be there. */
  const settle = async <T>(
    resource: string,
    decide: (seen: Lease | undefined) => Decision<T>,
    known?: Registered,
  ): Promise<T> => {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const seen = tries === 0 && known !== undefined ? known : await register.read(resource);
      const { next, result } = decide(seen?.lease);
      if (next === undefined) return result;
      if (await register.swap(seen, next)) {
        written.set(resource, { version: (seen?.version ?? 0) + 1, lease: next });
        return result;
      }
    }
    throw new StateError(
      'unwritable',
      `the lease on ${resource} in ${register.name} changed ${mostTries} times while it was to be written`,
      'nanoops locks list tells who holds it; try again',
    );
  };

  /** What was written here last of a lease, where it still was its holder's. */
  const knownOf = (lease: Lease): Registered | undefined => {
    const known = written.get(lease.resource);
    return known !== undefined && isHeldAs(known.lease, lease) ? known : undefined;
  };

  return {
    name: register.name,
    acquire: ({ resource, holder, nowMs, ttlMs, graceMs, isGone }) =>
      settle<Acquired>(resource, (seen) => {
        const isFree = seen === undefined || seen.released || nowMs >= seen.expiresAt + graceMs || isGone(seen.holder);
        if (!isFree) return { result: { acquired: false, held: seen } };
        const token = (seen?.token ?? 0) + 1;
        const lease = { resource, token, holder, expiresAt: nowMs + ttlMs, released: false };
        return { next: lease, result: { acquired: true, lease } };
      }),
    renew: (lease, { nowMs, ttlMs, step }) =>
      settle(
        lease.resource,
        (seen) => {
          if (!isHeldAs(seen, lease)) throw lost(lease, seen);
          const holder: Holder = step === undefined ? seen.holder : { ...seen.holder, step };
          const renewed = { ...seen, holder, expiresAt: nowMs + ttlMs };
          return { next: renewed, result: renewed };
        },
        knownOf(lease),
      ),
    release: (lease) =>
      settle<void>(
        lease.resource,
        (seen) =>
          isHeldAs(seen, lease) ? { next: { ...seen, released: true }, result: undefined } : { result: undefined },
        knownOf(lease),
      ),
    async list() {
      const leases = (await register.all()).filter((lease) => !lease.released);
      return leases.toSorted((a, b) => (a.resource < b.resource ? -1 : 1));
    },
    revoke: (resource) =>
      settle<Lease | undefined>(resource, (seen) =>
        seen === undefined || seen.released
          ? { result: undefined }
          : { next: { ...seen, token: seen.token + 1, released: true }, result: seen },
      ),
  };
}

function isHeldAs(seen: Lease | undefined, lease: Lease): seen is Lease {
  return seen !== undefined && seen.token === lease.token && !seen.released;
}

function lost(lease: Lease, seen: Lease | undefined): LeaseLostError {
  const { resource } = lease;
  if (seen === undefined) return new LeaseLostError(resource, `the lease on ${resource} is gone from its store`);
  if (seen.released) {
    const how = seen.token === lease.token ? 'was given back' : 'was taken away';
    return new LeaseLostError(resource, `the lease on ${resource} ${how}`);
  }
  const { runId, who } = seen.holder;
  return new LeaseLostError(resource, `the lease on ${resource} went to run ${runId} (${who})`, seen);
}

/** The form in which leases are kept. A newer one is refused. */
const leaseVersion = 1;

export function leaseText(lease: Lease): string {
  return `${JSON.stringify({ form: leaseVersion, lease })}\n`;
}

/**
 * Reads what `leaseText` wrote; `name` is how it is called in messages.
 *
 * @throws StateError `corrupt`, `newer-version`
 */
export function parseLease(text: string, name: string): Lease {
  const { form, lease } = membersOf(parsed(text));
  if (typeof form === 'number' && form > leaseVersion) {
    throw new StateError(
      'newer-version',
      `${name} was written by a newer nanoops (form ${form}; this one knows ${leaseVersion}), so it is not read`,
      'update nanoops: npm install --global nanoops',
    );
  }
  if (!isLease(lease)) {
    throw new StateError(
      'corrupt',
      `${name} is no lease: it is damaged or was altered. Who may change the resource is unknown.`,
      'make sure that no run is under way, then remove it',
    );
  }
  return lease;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // No lease; the caller says so.
  }
}

function membersOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isLease(value: unknown): value is Lease {
  const { resource, token, holder, expiresAt, released } = membersOf(value);
  const { runId, runbook, environment, who, host, pid, since, step } = membersOf(holder);
  const texts = [resource, runId, runbook, environment, who, host];
  return (
    texts.every((text) => typeof text === 'string') &&
    [token, expiresAt, pid, since].every((number) => typeof number === 'number') &&
    typeof released === 'boolean' &&
    (step === undefined || typeof step === 'string')
  );
}
