/** Watches a run from beside its steps: ends it when its time is up, and fails it when its runbook's stop condition holds. */
import type { Clock } from './clock.ts';
import type { Course } from './course.ts';
import { classOf } from './errors.ts';
import { limited, oneLook } from './limited.ts';
import type { RunLog } from './run-log.ts';
import type { StopCondition } from './runbook.ts';

export interface WatchingTools<Ports, Settings, Act> {
  /** What ends a run that acts; absent where nothing does. */
  readonly condition: StopCondition<Ports, Settings> | undefined;
  readonly timeoutMs: number | undefined;
  readonly ports: Ports;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly course: Course;
  readonly log: RunLog<Act>;
}

export class Watching<Ports, Settings, Act> {
  private readonly tools: WatchingTools<Ports, Settings, Act>;

  constructor(tools: WatchingTools<Ports, Settings, Act>) {
    this.tools = tools;
  }

  /** Ends the run when its time is up, unless it is `finished` before. */
  async time(finished: AbortSignal): Promise<void> {
    const { timeoutMs, clock, course } = this.tools;
    if (timeoutMs === undefined) return;
    try {
      await clock.sleep(timeoutMs, finished);
    } catch {
      return; // The run ended in time.
    }
    course.timeUp(timeoutMs);
  }

  /** Looks again and again whether the run must stop, once it has changed something. */
  async world(done: AbortSignal): Promise<void> {
    const { condition, clock, course, log } = this.tools;
    if (condition === undefined) return;
    const ended = AbortSignal.any([done, course.stopped]);
    for (;;) {
      try {
        await clock.sleep(condition.everyMs, ended);
      } catch {
        return; // The run has come to its end.
      }
      if (!log.hasActed() || course.failure !== undefined) continue;
      if (await this.sees(condition, ended)) return;
    }
  }

  /** Looks once, of a run whose steps come one by one: between two of them nobody watches. */
  async once(): Promise<void> {
    const { condition, course } = this.tools;
    if (condition !== undefined) await this.sees(condition, course.stopped);
  }

  /** Looks once whether the run must stop, and stops it. True where there is nothing more to watch for. */
  private async sees(condition: StopCondition<Ports, Settings>, ended: AbortSignal): Promise<boolean> {
    const { ports, settings, clock, course, log } = this.tools;
    try {
      const reason = await limited({ clock, ...oneLook, ending: ended }, (signal) =>
        condition.watch({ ports, settings, clock, signal }),
      );
      if (reason === undefined || ended.aborted) return false;
      log.emit({ type: 'run.halted', reason });
      course.halt(reason);
      return true;
    } catch (error) {
      if (ended.aborted) return true;
      // A look that fails stops nothing; a defect does.
      if (classOf(error) !== 'defect') return false;
      course.trip(error);
      course.endWaits('whether the run must stop cannot be watched any more');
      return true;
    }
  }
}
