/** Keeps with an incident what was seen of the stack. That nothing can be seen is kept, too, and ends nothing. */
import { NanoopsError } from '../../errors.ts';
import type { Evidence } from '../../incident/evidence.ts';
import type { Found } from './book.ts';
import type { IncidentDesk, WorldWanted } from './desk.ts';
import { lookFor } from './look.ts';
import { isUnseen } from './unseen.ts';

/** @throws StateError where it cannot be written. */
export async function keepEvidence(
  desk: IncidentDesk,
  found: Found,
  world: WorldWanted,
  until: number = Number.POSITIVE_INFINITY,
): Promise<Found> {
  const { incident } = found;
  const since = incident.evidence?.to ?? incident.beganAt ?? incident.detectedAt;
  const evidence = await seen(desk, world, since, until);
  return desk.book.write(
    found,
    ({ lastAt }) => lastAt,
    () => [{ type: 'evidence.kept', evidence }],
  );
}

async function seen(desk: IncidentDesk, world: WorldWanted, since: number, until: number): Promise<Evidence> {
  try {
    return await desk.look(world, async (session) => {
      await session.verify(session.stack.primary.region);
      return lookFor(session, since, until);
    });
  } catch (error) {
    // Whoever ends the program ends this, too.
    if (desk.signal.aborted || !(isUnseen(error) || error instanceof NanoopsError)) throw error;
    const at = Math.min(since, until);
    const none = { alarms: [], deployments: [], database: [], logs: [], series: [] };
    return { from: at, to: at, ...none, gaps: [`the stack could not be looked at: ${error.message}`] };
  }
}
