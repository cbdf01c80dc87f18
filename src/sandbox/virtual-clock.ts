/** The sandbox's clock in process: an hour passes in no time, and deterministically. It does not know what happens on it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../engine/clock.ts';

/** Turns of the event loop without anything new on the clock, after which whatever could happen now has happened. */
const SETTLING_TURNS = 4;

interface Sleeper {
  readonly dueMs: number;
  wake(): void;
}

/** One `busy` work. It holds the clock unless it sleeps, or has handed its business on to `busy` works within it. */
interface Work {
  readonly clock: VirtualClock;
  /** The work within which it began, on whatever clock. */
  readonly around: Work | undefined;
  /** The nearest one around it on its own clock. */
  readonly parent: Work | undefined;
  sleeping: number;
  children: number;
  ended: boolean;
}

/** One for all clocks: until Node.js 22 every promise costs more for each storage of async context that is in use. */
const current = new AsyncLocalStorage<Work>();

/**
 * Time that moves only when there is nothing left to do but wait: no `busy` work under way that does not itself sleep,
 * and a few turns of the event loop without news. It then jumps to the earliest sleeper (ties: who slept first) and
 * wakes that one alone, so that what a sleeper does ends before the next one wakes. Holds no timer, so an idle clock
 * keeps no process alive.
 *
 * A work that sleeps and at the same time does something else should wrap the latter in a `busy` of its own: as long as
 * any of its branches sleeps, the rest counts only where it says so.
 */
export class VirtualClock implements Clock {
  private nowMs: number;
  /** By due time, then by order of falling asleep. */
  private readonly sleepers: Sleeper[] = [];
  /** Works that hold the clock. */
  private holding = 0;
  /** Counts everything that happens on this clock, to see when nothing does. */
  private activity = 0;
  private pumping = false;

  /** `startMs`: the time it starts at, in epoch milliseconds. */
  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  now(): number {
    return this.nowMs;
  }

  /** As the interface says; `Infinity` sleeps until the signal aborts. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    if (Number.isNaN(durationMs)) return Promise.reject(new RangeError('cannot sleep for NaN milliseconds'));
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const work = this.currentWork();
      const leave = () => {
        signal?.removeEventListener('abort', abort);
        this.change(work, (held) => (held.sleeping -= 1));
      };
      const sleeper: Sleeper = {
        dueMs: this.nowMs + Math.max(0, durationMs),
        wake: () => {
          leave();
          resolve();
        },
      };
      const abort = () => {
        this.sleepers.splice(this.sleepers.indexOf(sleeper), 1);
        leave();
        reject(signal?.reason);
      };
      this.enqueue(sleeper);
      signal?.addEventListener('abort', abort);
      this.change(work, (held) => (held.sleeping += 1));
    });
  }

  async busy<T>(work: () => Promise<T>): Promise<T> {
    const parent = this.currentWork();
    const own: Work = { clock: this, around: current.getStore(), parent, sleeping: 0, children: 0, ended: true };
    this.change(own, () => (own.ended = false));
    this.change(parent, (held) => (held.children += 1));
    try {
      return await current.run(own, work);
    } finally {
      this.change(own, () => (own.ended = true));
      this.change(parent, (held) => (held.children -= 1));
    }
  }

  /** Ends the clock: nobody who sleeps on it wakes any more. */
  close(): void {
    this.sleepers.length = 0;
  }

  private currentWork(): Work | undefined {
    let work = current.getStore();
    while (work !== undefined && work.clock !== this) work = work.around;
    return work;
  }

  private enqueue(sleeper: Sleeper): void {
    let index = this.sleepers.length;
    while (index > 0 && (this.sleepers[index - 1]?.dueMs ?? 0) > sleeper.dueMs) index -= 1;
    this.sleepers.splice(index, 0, sleeper);
  }

  /** Changes a work and keeps the count of those that hold the clock. */
  private change(work: Work | undefined, alter: (work: Work) => void): void {
    this.activity += 1;
    if (work !== undefined) {
      if (holds(work)) this.holding -= 1;
      alter(work);
      if (holds(work)) this.holding += 1;
    }
    this.pump();
  }

  /** Starts watching for quiet, unless somebody watches already or there is nobody to wake. */
  private pump(): void {
    if (this.pumping || !this.canAdvance()) return;
    this.pumping = true;
    let seen = this.activity;
    let quietTurns = 0;
    const turn = () => {
      if (!this.canAdvance()) {
        this.pumping = false;
        return;
      }
      quietTurns = this.activity === seen ? quietTurns + 1 : 0;
      seen = this.activity;
      if (quietTurns >= SETTLING_TURNS) {
        const sleeper = this.sleepers.shift();
        if (sleeper !== undefined) {
          this.nowMs = sleeper.dueMs;
          sleeper.wake();
        }
      }
      setImmediate(turn);
    };
    setImmediate(turn);
  }

  private canAdvance(): boolean {
    const next = this.sleepers[0];
    return this.holding === 0 && next !== undefined && next.dueMs !== Infinity;
  }
}

function holds(work: Work): boolean {
  return !work.ended && work.sleeping === 0 && work.children === 0;
}
