/**
 * Keeps a run's leases: takes all of them or none, renews them while the run lasts, and is asked before every change.
 *
 * AWS cannot check a token, so a change is sent only while the lease outlives the request's own deadline. What remains:
 * a request that AWS carries out after it has told nobody and after its sender gave up on it.
 */
import type { Clock } from './clock.ts';
import { LeaseLostError, type Holder, type Lease, type LeaseStore } from './lease-store.ts';

export interface LeaseTimes {
  /** How long a lease holds after its last renewal. */
  readonly ttlMs: number;
  /** How often it is renewed. */
  readonly beatMs: number;
  /** How far the clocks of two machines may differ. */
  readonly graceMs: number;
}

export const defaultLeaseTimes: LeaseTimes = { ttlMs: 60_000, beatMs: 15_000, graceMs: 10_000 };

export interface LeaseKeeperOptions {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly holder: Omit<Holder, 'since' | 'step'>;
  readonly isGone: (holder: Holder) => boolean;
  readonly times?: LeaseTimes;
}

export class LeaseKeeper {
  private readonly options: LeaseKeeperOptions;
  private readonly times: LeaseTimes;
  private readonly held = new Map<string, Lease>();
  private step: string | undefined;
  private readonly ended = new AbortController();
  private beating: Promise<void> | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.options = options;
    const { ttlMs, beatMs, graceMs } = options.times ?? defaultLeaseTimes;
    const { pace = 1 } = options.clock;
    this.times = { ttlMs: ttlMs * pace, beatMs: beatMs * pace, graceMs: graceMs * pace };
  }

  /** The tokens held, by resource. */
  get tokens(): Record<string, number> {
    return Object.fromEntries([...this.held].map(([resource, lease]) => [resource, lease.token]));
  }

  /** Names the step that the run is at, for whoever else wants the resources. */
  at(step: string): void {
    if (this.step === step) return;
    this.step = step;
    // Told at once, and without waiting: what cannot be told now is told with the next beat, which also tells what was lost.
    if (!this.ended.signal.aborted) this.renew().catch(() => undefined);
  }

  /**
   * Takes every resource, or none: then it gives the lease that stands in the way. In one order for all runs, so that of
   * two that want the same resources one gets them all.
   */
  async acquire(resources: readonly string[]): Promise<Lease | undefined> {
    const { store, clock, holder, isGone } = this.options;
    for (const resource of [...new Set(resources)].toSorted()) {
      const nowMs = clock.now();
      const request = {
        resource,
        holder: { ...holder, since: nowMs, ...(this.step === undefined ? {} : { step: this.step }) },
        nowMs,
        ttlMs: this.times.ttlMs,
        graceMs: this.times.graceMs,
        isGone,
      };
      const answer = await clock.busy(() => store.acquire(request));
      if (!answer.acquired) {
        await this.release();
        return answer.held;
      }
      this.held.set(answer.lease.resource, answer.lease);
    }
    return undefined;
  }

  /** Renews from now on, until `release`; `onLost` is told once, of the first lease that cannot be. */
  beat(onLost: (error: LeaseLostError) => void): void {
    this.beating ??= this.beatOn(onLost);
  }

  private async beatOn(onLost: (error: LeaseLostError) => void): Promise<void> {
    const { clock } = this.options;
    while (!this.ended.signal.aborted) {
      try {
        await clock.sleep(this.times.beatMs, this.ended.signal);
        await this.renew();
      } catch (error) {
        if (this.ended.signal.aborted) return;
        if (error instanceof LeaseLostError) {
          onLost(error);
          return;
        }
        // A store that does not answer now may answer the next time, until the lease has run out.
        const gone = [...this.held.values()].find(({ expiresAt }) => expiresAt <= clock.now());
        if (gone === undefined) continue;
        const reason = error instanceof Error ? error.message : String(error);
        onLost(
          new LeaseLostError(
            gone.resource,
            `the lease on ${gone.resource} ran out, since it could not be renewed: ${reason}`,
            gone,
          ),
        );
        return;
      }
    }
  }

  /**
   * Makes sure that every lease is still ours, and stays so for `forMs` from when that is known.
   *
   * @throws LeaseLostError, and what the store throws when it does not answer.
   */
  async ensure(forMs: number): Promise<void> {
    await this.renew();
    // Renewing may have taken long itself.
    const untilMs = this.options.clock.now() + forMs;
    for (const [resource, lease] of this.held) {
      if (lease.expiresAt > untilMs) continue;
      throw new LeaseLostError(
        resource,
        `the lease on ${resource} would run out before the change could be over`,
        lease,
      );
    }
  }

  /** True while every lease outlives `untilMs`, as far as is known without asking. */
  outlives(untilMs: number): boolean {
    return [...this.held.values()].every((lease) => lease.expiresAt > untilMs);
  }

  private async renew(): Promise<void> {
    const { store, clock } = this.options;
    for (const [resource, lease] of this.held) {
      const nowMs = clock.now();
      const extend = { nowMs, ttlMs: this.times.ttlMs, ...(this.step === undefined ? {} : { step: this.step }) };
      const renewed = await clock.busy(() => store.renew(lease, extend));
      if (this.held.has(resource)) this.held.set(resource, renewed);
    }
  }

  /** Gives every lease back. What cannot be given back runs out. */
  async release(): Promise<readonly Lease[]> {
    const { store, clock } = this.options;
    this.ended.abort();
    await this.beating;
    const given: Lease[] = [];
    for (const lease of this.held.values()) {
      try {
        await clock.busy(() => store.release(lease));
        given.push(lease);
      } catch {
        // It runs out by itself; the run's end must not wait for a store that is away.
      }
    }
    this.held.clear();
    return given;
  }
}
