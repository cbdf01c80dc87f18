/** What the commands of incidents work with: the incidents, the journals of runs, who is told, and a way to look at the stack. */
import type { Notifier } from '../../cloud/notifier.ts';
import type { Stack } from '../../cloud/stack.ts';
import type { Random } from '../../engine/clock.ts';
import type { Incident } from '../../incident/incident.ts';
import { nowOf } from '../../incident/incident.ts';
import { hasChanged, type RunBrief } from '../../incident/runs.ts';
import { standingOf, type Standing } from '../../incident/standing.ts';
import type { Session } from '../session.ts';
import type { Stores } from '../stores.ts';
import type { Found, IncidentBook } from './book.ts';
import { runsMeanwhile } from './run-briefs.ts';

/** Which simulated world is looked at: as a scenario makes it, or as a run left it. */
export interface WorldWanted {
  readonly scenario?: string;
  readonly seed?: string;
  readonly leftByRun?: string;
}

export interface IncidentDesk {
  readonly book: IncidentBook;
  readonly runs: Stores;
  readonly notifier: Notifier;
  readonly random: Random;
  /** The stack that the configuration names; absent where there is no configuration. */
  readonly stack?: Stack;
  /** The simulated world that new incidents are of. */
  readonly simulated?: { readonly scenario: string; readonly seed: string; readonly now: number };
  readonly signal: AbortSignal;
  /** Opens the stack to look at it. Rejects as opening a session does. */
  look<T>(world: WorldWanted, work: (session: Session) => Promise<T>): Promise<T>;
}

/** An incident with all that is known of it, and what could not be read. */
export interface Known {
  readonly found: Found;
  readonly standing: Standing;
  readonly gaps: readonly string[];
}

export async function knownOf(desk: IncidentDesk, found: Found): Promise<Known> {
  const { incident } = found;
  const { runs, gaps } = await runsMeanwhile(desk.runs, incident);
  return { found, standing: standingOf(incident, runs, nowOf(incident, desk.book.wall, runs)), gaps };
}

/** The world in which an incident's last change was made; of the real AWS there is one. */
export function worldOf({ simulated }: Incident, runs: readonly RunBrief[]): WorldWanted {
  if (simulated === undefined) return {};
  const changed = runs.findLast(hasChanged);
  return { ...simulated, ...(changed === undefined ? {} : { leftByRun: changed.runId }) };
}
