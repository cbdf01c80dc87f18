/**
 * Leases: who may change a resource now. The port behind which they are kept. A lease has an expiry, so that a dead
 * holder does not lock others out, and a token that rises with every holder, so that one who slept can be told from one
 * who holds it now (Kleppmann, "How to do distributed locking", 2016).
 */

export interface Holder {
  readonly runId: string;
  readonly runbook: string;
  readonly environment: string;
  /** Who, for others to call: `ana@laptop`. */
  readonly who: string;
  readonly host: string;
  /** The process on that host. */
  readonly pid: number;
  /** Since when this run holds it, in epoch milliseconds. */
  readonly since: number;
  /** The step that it is at. */
  readonly step?: string;
}

export interface Lease {
  /** What is leased, for example `ecs:us-west-2:nano/nano-api` or `aurora:nano-global`. */
  readonly resource: string;
  /** Rises by at least one with every acquisition, and never falls. */
  readonly token: number;
  readonly holder: Holder;
  /** Epoch milliseconds, on the holder's clock. */
  readonly expiresAt: number;
  /** True once it was given back or taken away: it is then history, kept for its token. */
  readonly released: boolean;
}

export type Acquired =
  | { readonly acquired: true; readonly lease: Lease }
  | { readonly acquired: false; readonly held: Lease };

export interface LeaseRequest {
  readonly resource: string;
  readonly holder: Holder;
  readonly nowMs: number;
  readonly ttlMs: number;
  /** How long after its expiry a lease still counts: clocks differ. */
  readonly graceMs: number;
  /**
   * True of a holder that is known to be gone, however long its lease still runs: a process of this host that has ended.
   */
  readonly isGone: (holder: Holder) => boolean;
}

export interface LeaseStore {
  readonly name: string;
  /** Takes a lease that is free, released, expired, or whose holder is gone. Atomic: of several callers one gets it. */
  acquire(request: LeaseRequest): Promise<Acquired>;
  /**
   * Extends a lease that is still ours, by token, and says at which step its holder is.
   *
   * @throws LeaseLostError when another token is the newest, or the lease was released.
   */
  renew(
    lease: Lease,
    extend: { readonly nowMs: number; readonly ttlMs: number; readonly step?: string },
  ): Promise<Lease>;
  /** Gives a lease back. Resolves also where it is no longer ours, without touching it. */
  release(lease: Lease): Promise<void>;
  /** Every lease that is not released, expired ones included, by resource. */
  list(): Promise<readonly Lease[]>;
  /**
   * Takes a lease away from its holder: raises the token, so that the holder's next change is refused, and leaves the
   * lease released.
   *
   * @returns what was taken away, or undefined where nobody held it.
   */
  revoke(resource: string): Promise<Lease | undefined>;
}

/** The lease went to another holder, or was taken away: nothing may be changed in its name any more. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  readonly errorClass = 'locked';
  readonly resource: string;
  readonly heldNow: Lease | undefined;

  constructor(resource: string, message: string, heldNow?: Lease) {
    super(message);
    this.resource = resource;
    this.heldNow = heldNow;
  }
}

/** The same store with every resource named within a scope: an account, or an endpoint. */
export function scopedLeases(store: LeaseStore, scope: string): LeaseStore {
  const within = (resource: string): string => `${scope}/${resource}`;
  return {
    name: store.name,
    acquire: (request) => store.acquire({ ...request, resource: within(request.resource) }),
    renew: (lease, extend) => store.renew(lease, extend),
    release: (lease) => store.release(lease),
    list: async () => (await store.list()).filter(({ resource }) => resource.startsWith(`${scope}/`)),
    revoke: (resource) => store.revoke(within(resource)),
  };
}
