/** Who may change what now, and taking it away from them. */
import { NanoopsError } from '../errors.ts';
import type { Lease } from '../engine/lease-store.ts';
import type { ListDocument } from '../report/schemas.ts';
import type { Stores } from './stores.ts';

export async function listLocks({ all }: Stores, nowMs: number): Promise<ListDocument> {
  const held = await Promise.all(
    all.map(async ({ name, leases }) => (await leases.list()).map((lease) => itemOf(lease, nowMs, name))),
  );
  return { schema: 'nanoops/list@1', items: held.flat().toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
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
