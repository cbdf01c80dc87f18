/** The status page of a stack: its incidents of the last months, as customers may know them. */
import type { Digest } from '../../engine/change.ts';
import type { IncidentSeverity } from '../../cloud/notifier.ts';
import { NanoopsError } from '../../errors.ts';
import { isPublic, publicState, publicTitle, publicUpdates } from '../../incident/public-view.ts';
import type { Standing } from '../../incident/standing.ts';
import type { StatusPageDocument } from '../../report/incident-schemas.ts';
import { knownOf, type IncidentDesk } from './desk.ts';
import { iso, maybeIso } from './document.ts';
import { publicId } from './postmortem.ts';

const shownMs = 90 * 86_400_000;

const statuses: Readonly<Record<IncidentSeverity, StatusPageDocument['status']>> = {
  'SEV-1': 'major',
  'SEV-2': 'degraded',
  'SEV-3': 'minor',
  'SEV-4': 'minor',
};

const order: readonly StatusPageDocument['status'][] = ['major', 'degraded', 'minor', 'none'];

/** @throws StateError where an incident cannot be read: a page without it would say that there is none. */
export async function statusPageOf(
  desk: IncidentDesk,
  { title, digest }: { readonly title: string; readonly digest: Digest },
): Promise<StatusPageDocument> {
  const { found, unread, missing } = await desk.book.all();
  // Nothing can be kept in a table that is not there: a name or a region may be wrong, and the incidents elsewhere.
  const [failed] = [...unread, ...missing];
  if (failed !== undefined) {
    throw new NanoopsError(`the status page was not rendered: ${failed.error.message}`, {
      code: 'IncidentUnreadable',
      exitCode: 3,
      details: ['a page that leaves it out would say that all is well'],
      nextStep: failed.error.details.nextStep,
      cause: failed.error,
    });
  }
  const known = await Promise.all(found.map((each) => knownOf(desk, each)));
  const now = Math.max(
    desk.simulated?.now ?? desk.book.wall,
    ...known.map(({ standing }) => (desk.simulated === undefined ? 0 : standing.now)),
  );
  const shown = known
    .map(({ standing }) => standing)
    .filter(({ incident }) => isPublic(incident) && (incident.resolvedAt ?? now) > now - shownMs)
    .toSorted((a, b) => b.incident.detectedAt - a.incident.detectedAt);
  const open = shown.filter(({ incident }) => incident.state !== 'resolved');
  const status = order.find((each) => open.some(({ incident }) => statuses[incident.severity] === each)) ?? 'none';
  return {
    schema: 'nanoops/status-page@1',
    title,
    generatedAt: iso(now),
    status,
    summary: summaryOf(open, status),
    incidents: shown.map((standing) => incidentOn(standing, digest)),
  };
}

function summaryOf(open: readonly Standing[], status: StatusPageDocument['status']): string {
  const worst = open.find(({ incident }) => statuses[incident.severity] === status);
  if (worst === undefined) return 'No known problem';
  return publicTitle(worst.incident);
}

function incidentOn(standing: Standing, digest: Digest): StatusPageDocument['incidents'][number] {
  const { incident } = standing;
  return {
    id: publicId(incident, digest),
    title: publicTitle(incident),
    severity: incident.severity,
    state: publicState(standing),
    startedAt: iso(incident.detectedAt),
    resolvedAt: maybeIso(incident.resolvedAt),
    updates: publicUpdates(incident)
      .toReversed()
      .map(({ at, text }) => ({ at: iso(at), text })),
  };
}
