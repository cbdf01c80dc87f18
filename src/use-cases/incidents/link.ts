/** Links a run with an incident, or opens one of what the run found. */
import type { IncidentSeverity } from '../../cloud/notifier.ts';
import { StateError } from '../../engine/journal-store.ts';
import { NanoopsError } from '../../errors.ts';
import { nowOf } from '../../incident/incident.ts';
import type { RunBrief } from '../../incident/runs.ts';
import type { RunDocument } from '../../report/schemas.ts';
import type { Found } from './book.ts';
import type { IncidentDesk } from './desk.ts';
import { openIncident } from './open.ts';
import { briefOf } from './run-briefs.ts';

/** What `--incident` says for one that is yet to be opened. */
export const newIncident = 'new';

/** What is down where these act; the rest is degraded until somebody says otherwise. */
const gravest: ReadonlySet<string> = new Set(['database-unavailable', 'region-failover']);

/** @throws NanoopsError as finding one does. */
export function findFor(desk: IncidentDesk, text: string): Promise<Found> {
  return desk.book.find(text);
}

/** Opens an incident for a run that is about to act, so that people hear of it now and not when the run is over. */
export async function openBefore(desk: IncidentDesk, runbook: string, since: string | undefined): Promise<Found> {
  const { found } = await openIncident(desk, {
    title: runbook === 'region-failover' ? 'The region is left for the other one' : 'The region is gone back to',
    severity: severityFor(runbook),
    since,
    looks: false,
  });
  return found;
}

/** In one line, what became of it. Never rejects for what a store says: the run has ended, and is not undone by it. */
export async function linkRun(
  desk: IncidentDesk,
  document: RunDocument,
  to: Found | typeof newIncident,
): Promise<string> {
  try {
    const run = briefOf(document);
    if (to !== newIncident) return `linked with incident ${(await link(desk, to, run)).incident.id}`;
    if (!isWorthOne(run)) return 'no incident was opened: the run found no cause and changed nothing';
    const { found } = await openIncident(desk, {
      title: run.causes[0]?.summary.slice(0, 200) ?? run.summary.slice(0, 200),
      severity: severityFor(run.runbook),
      fromRun: { runId: run.runId, runbook: run.runbook },
      looks: true,
      at: { detectedAt: run.startedAt, beganAt: run.onset },
    });
    const linked = await link(desk, found, run);
    return `opened incident ${linked.incident.id} as ${linked.incident.severity}: nanoops incident ack ${linked.incident.id}${desk.simulated === undefined ? '' : ' --sandbox'}`;
  } catch (error) {
    if (error instanceof StateError || error instanceof NanoopsError) {
      return `could not be linked with an incident: ${error.message}`;
    }
    throw error;
  }
}

function link(desk: IncidentDesk, found: Found, run: RunBrief): Promise<Found> {
  return desk.book.write(
    found,
    (incident) => nowOf(incident, desk.book.wall, [run]),
    () => [{ type: 'run.linked', run }],
  );
}

function isWorthOne({ causes, changes }: RunBrief): boolean {
  return causes.length > 0 || changes.some(({ status }) => status !== 'planned');
}

function severityFor(runbook: string): IncidentSeverity {
  return gravest.has(runbook) ? 'SEV-1' : 'SEV-2';
}
