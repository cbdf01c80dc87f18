/** Looks how a change stands in the world: once, until reality says yes or no, or until nothing is under way any more. */
import type { Change, Look } from './change.ts';
import type { Clock } from './clock.ts';
import { classOf, Interrupted, messageOf } from './errors.ts';
import type { AnyStep, ChangeBody } from './step.ts';

export interface LookingTools<Ports, Settings> {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly ports: (stepId: string) => Ports;
  /** When the step's change was sent first; undefined before that. */
  readonly sentAt: (stepId: string) => number | undefined;
  /** Ends all looking; its reason is thrown. */
  readonly stop: AbortSignal;
}

/** How long a change may take to show itself after its answer was lost, before it counts as not made. */
const showsWithinMs = { reversible: 20_000, irreversible: 60_000, 'data-loss': 60_000 } as const;
export const lookEveryMs = 2_000;
/** How long putting something back may take to be seen. */
const undoneWithinMs = 300_000;

/** What was begun and may still be at it is not known to be undone: whoever goes on later must not begin it again. */
export function asKnown(body: { readonly isOnce: (change: Change) => boolean }, change: Change, seen: Look): Look {
  return seen.state === 'not-started' && body.isOnce(change) ? { state: 'unknown', detail: seen.detail } : seen;
}

export class Looking<Ports, Settings, Act> {
  private readonly tools: LookingTools<Ports, Settings>;

  constructor(tools: LookingTools<Ports, Settings>) {
    this.tools = tools;
  }

  async once(step: AnyStep, body: ChangeBody<Ports, Settings, Act>, change: Change): Promise<Look> {
    const { clock, settings, stop, ports } = this.tools;
    const sentAt = this.tools.sentAt(step.id);
    const known = sentAt === undefined ? {} : { sentAt };
    try {
      return await body.look(change, { ports: ports(step.id), settings, clock, signal: stop, ...known });
    } catch (error) {
      if (stop.aborted) throw stop.reason;
      const errorClass = classOf(error);
      // Who is nobody any more waits until he is somebody; any other failure to look is an answer of its own.
      if (error instanceof Interrupted || errorClass === 'defect' || errorClass === 'credentials') throw error;
      return { state: 'unknown', detail: `how it stands cannot be read: ${messageOf(error)}` };
    }
  }

  /** Looks until reality says yes or no; a no must stay one for a while, since what was sent may still arrive. */
  async untilClear(step: AnyStep, body: ChangeBody<Ports, Settings, Act>, change: Change): Promise<Look> {
    const { clock, stop } = this.tools;
    const endsAt = clock.now() + showsWithinMs[change.risk];
    for (;;) {
      const seen = await this.once(step, body, change);
      if (seen.state !== 'not-started' && seen.state !== 'unknown') return seen;
      if (clock.now() + lookEveryMs > endsAt) return seen;
      await clock.sleep(lookEveryMs, stop);
    }
  }

  /** Looks for as long as something is under way, or cannot be seen. */
  async untilStill(step: AnyStep, body: ChangeBody<Ports, Settings, Act>, change: Change): Promise<Look> {
    const { clock, stop } = this.tools;
    const endsAt = clock.now() + this.undoneWithin(body);
    for (;;) {
      await clock.sleep(lookEveryMs, stop);
      const seen = await this.once(step, body, change);
      if (seen.state !== 'in-flight' && seen.state !== 'unknown') return seen;
      if (clock.now() + lookEveryMs > endsAt) return seen;
    }
  }

  /** Milliseconds in which what is put back must be seen. */
  undoneWithin(body: ChangeBody<Ports, Settings, Act>): number {
    return body.undoneWithinMs ?? undoneWithinMs;
  }
}
