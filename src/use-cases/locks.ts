/** Who may change what now, and taking it away from them. */
import { NanoopsError } from '../errors.ts';
import type { Lease } from '../engine/lease-store.ts';
import { listedOf, type Listed } from './runs.ts';
import { gather, type Stores } from './stores.ts';

/** The leases of all stores. A store that cannot be read is listed as that: who holds what there is unknown. */
export async function listLocks(stores: Stores, nowMs: number): Promise<Listed> {
  const { found, unread } = await gather(stores, async ({ name, leases }) =>
    (await leases.list()).map((lease) => itemOf(lease, nowMs, name)),
  );
  return listedOf(
    found.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    unread,
  );
}

function itemOf({ resource, token, holder, expiresAt }: Lease, nowMs: number, store: string) {
  const { runId, runbook, environment, who, since, step } = holder;
  return {
    id: resource,
    runId,
    runbook,
    environment,
    who,
    since: new Date(since).toISOString(),
    step: step ?? null,
    token,
    expiresAt: new Date(expiresAt).toISOString(),
    expired: expiresAt <= nowMs,
    store,
  };
}

export interface TakenDocument {
  readonly schema: 'nanoops/takeover@1';
  readonly resource: string;
  readonly from: { readonly runId: string; readonly who: string; readonly since: string; readonly step: string | null };
  readonly store: string;
}

/**
 * Takes a lease away: its holder's next change is refused, and anybody may take the lease.
 *
 * @throws NanoopsError `NotLocked` where nobody holds it; `NotConfirmed` where `confirm` says no.
 */
export async function takeOverLock(
  { all }: Stores,
  resource: string,
  confirm: (lease: Lease) => Promise<boolean>,
): Promise<TakenDocument> {
  for (const { name, leases } of all) {
    const lease = (await leases.list()).find((each) => each.resource === resource);
    if (lease === undefined) continue;
    const { runId, who, since, step } = lease.holder;
    if (!(await confirm(lease))) {
      throw new NanoopsError(`${resource} was left with run ${runId} of ${who}`, {
        code: 'NotConfirmed',
        exitCode: 4,
        details: ['a run that loses its lease is refused its next change, and stops where it is'],
        nextStep: `nanoops locks takeover '${resource}' --yes`,
      });
    }
    const taken = (await leases.revoke(resource)) ?? lease;
    return {
      schema: 'nanoops/takeover@1',
      resource,
      from: { runId: taken.holder.runId, who, since: new Date(since).toISOString(), step: step ?? null },
      store: name,
    };
  }
  throw new NanoopsError(`nobody holds "${resource}"`, {
    code: 'NotLocked',
    exitCode: 2,
    nextStep: 'nanoops locks list',
  });
}
