/** The incidents of a stack as a list. One that cannot be read is listed as that. */
import { formatDuration } from '../../config/durations.ts';
import type { Listed } from '../runs.ts';
import { knownOf, type IncidentDesk } from './desk.ts';

/** So many are looked at in full: of those that are over long ago, nothing is due any more. */
const mostDue = 20;

export async function listIncidents(desk: IncidentDesk, { onlyOpen }: { readonly onlyOpen: boolean }): Promise<Listed> {
  const { found, unread } = await desk.book.all();
  const wanted = found.filter(({ incident }) => !onlyOpen || incident.state !== 'resolved');
  const items = await Promise.all(
    wanted.map(async (each, index) => {
      const { incident } = each;
      const { id, title, severity, state, service, environment, detectedAt, resolvedAt } = incident;
      const overdue =
        index < mostDue
          ? (await knownOf(desk, each)).standing.checklist.filter(({ status }) => status === 'overdue')
          : [];
      const [worst] = overdue.toSorted((a, b) => (b.lateMs ?? 0) - (a.lateMs ?? 0));
      return {
        id,
        title,
        severity,
        state,
        service,
        environment,
        detectedAt: new Date(detectedAt).toISOString(),
        resolvedAt: resolvedAt === undefined ? null : new Date(resolvedAt).toISOString(),
        overdue: overdue.map((item) => item.id),
        due:
          worst === undefined
            ? ''
            : `${worst.title}: ${formatDuration(Math.floor((worst.lateMs ?? 0) / 60_000) * 60_000)} overdue`,
        store: each.store.name,
      };
    }),
  );
  const missing = unread.map(({ id, error }) => ({
    id,
    status: 'unreadable',
    summary: error.message,
    nextStep: error.details.nextStep,
  }));
  return {
    document: { schema: 'nanoops/list@1', items: [...missing, ...items] },
    exitCode: missing.length > 0 ? 3 : 0,
  };
}
