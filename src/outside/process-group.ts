/**
 * A program and all that it started, as one group of processes (setsid(2), kill(2)), so that all of it can be ended. A
 * process that leaves the group, by a session of its own, is not ended.
 */
import type { Clock } from '../engine/clock.ts';

/** How long the system is given to clear away what was killed. */
const clearingMs = 1_000;
const lookEveryMs = 20;

export class ProcessGroup {
  private readonly id: number;
  private readonly clock: Clock;

  /** `id` is the process id of the group's first process, which was started as the leader of its own. */
  constructor(id: number, clock: Clock) {
    this.id = id;
    this.clock = clock;
  }

  /** Asks all of it to end, and makes it after `graceMs` of real time. Resolves when it is gone. */
  async end(graceMs: number): Promise<void> {
    this.send('SIGTERM');
    if (await this.gone(graceMs)) return;
    this.send('SIGKILL');
    await this.gone(clearingMs);
  }

  /** At once, and without waiting for it to be gone. */
  kill(): void {
    this.send('SIGKILL');
  }

  private async gone(withinMs: number): Promise<boolean> {
    for (let waitedMs = 0; this.send(0); waitedMs += lookEveryMs) {
      if (waitedMs >= withinMs) return false;
      await this.clock.sleep(lookEveryMs * (this.clock.pace ?? 1));
    }
    return true;
  }

  /** False where there is nobody left to send it to. */
  private send(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-this.id, signal);
    } catch (error) {
      // ESRCH: the group is empty. EPERM: all that is left of it runs as somebody else, which is not ours to end.
      if (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')) return false;
      throw error;
    }
  }
}

/** The groups that are running. Where nanoops itself ends, they are ended with it. */
export class ProcessGroups {
  private readonly running = new Set<ProcessGroup>();
  private readonly onExit = (): void => {
    for (const group of this.running) group.kill();
  };

  add(group: ProcessGroup): void {
    if (this.running.size === 0) process.on('exit', this.onExit);
    this.running.add(group);
  }

  /** To be called once the program has ended: its id may soon be somebody else's. */
  remove(group: ProcessGroup): void {
    this.running.delete(group);
    if (this.running.size === 0) process.off('exit', this.onExit);
  }
}
