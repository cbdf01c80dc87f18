/** Writes an incident up: for the team with all that is known, for customers with what they may know. */
import { severityLevels } from '../../cloud/severity-levels.ts';
import type { Digest } from '../../engine/change.ts';
import { NanoopsError } from '../../errors.ts';
import type { IncidentEvent } from '../../incident/events.ts';
import { impactOf } from '../../incident/impact.ts';
import { incidentOf, type Incident } from '../../incident/incident.ts';
import { lengthOf } from '../../incident/length.ts';
import { questionsOf } from '../../incident/lessons.ts';
import { publicCause, publicImpact, publicResolution, publicTitle, publicUpdates } from '../../incident/public-view.ts';
import { standingOf, type Standing } from '../../incident/standing.ts';
import type { PostmortemDocument, PublicPostmortemDocument } from '../../report/incident-schemas.ts';
import { findRun } from '../stores.ts';
import { knownOf, worldOf, type IncidentDesk, type Known } from './desk.ts';
import { aboutOf, actionsOf, entriesOf, iso, maybeIso, rolesOf } from './document.ts';
import { keepEvidence } from './evidence.ts';
import { briefOfJournal } from './run-briefs.ts';

export interface PostmortemRequest {
  readonly id?: string;
  /** A drill or a failover, in the place of an incident. */
  readonly fromRun?: string;
  readonly looks: boolean;
  /** Where it is written to, for the record; the public one is none of the team's. */
  readonly writtenTo?: string;
}

/** All that a post-mortem is made of. What of the stack was not kept to the end is looked at now, as far as it can be. */
export async function materialFor(
  desk: IncidentDesk,
  request: PostmortemRequest,
): Promise<Known & { readonly basis: 'incident' | 'run' }> {
  if (request.fromRun !== undefined) return { ...(await ofRun(desk, request.fromRun)), basis: 'run' };
  const known = await knownOf(desk, await named(desk, request.id));
  const { incident } = known.found;
  const until = incident.resolvedAt ?? known.standing.now;
  const seenTo = incident.evidence?.to ?? 0;
  // A minute is complete when it is over.
  const isSeen = seenTo >= until - 2 * 60_000;
  const looked =
    !request.looks || isSeen
      ? known.found
      : await keepEvidence(desk, known.found, worldOf(incident, known.standing.runs), until);
  const { writtenTo } = request;
  const found =
    writtenTo === undefined
      ? looked
      : await desk.book.write(
          looked,
          () => known.standing.now,
          () => [{ type: 'postmortem.written', path: writtenTo }],
        );
  return { ...(await knownOf(desk, found)), basis: 'incident' };
}

/** Without a word: the only one that is open, else the one that was resolved last. */
async function named(desk: IncidentDesk, id: string | undefined) {
  if (id !== undefined) return desk.book.find(id);
  const { found } = await desk.book.all();
  const open = found.filter(({ incident }) => incident.state !== 'resolved');
  const [newest] = found;
  return open.length === 0 && newest !== undefined ? newest : desk.book.find(undefined);
}

/** A run as an incident of its own: what a drill showed is learned from in the same way. */
async function ofRun(desk: IncidentDesk, runId: string): Promise<Known> {
  const found = await findRun(desk.runs, runId);
  const run = briefOfJournal(found, runId);
  const [first] = found.records;
  if (run.recovery === undefined || first?.event.type !== 'run.started') {
    throw new NanoopsError(
      `run ${runId} moved nothing to another region: there is nothing to write up without an incident`,
      {
        code: 'NotARecovery',
        exitCode: 2,
        nextStep: 'nanoops dr history lists drills and failovers; nanoops incident list the incidents',
      },
    );
  }
  const event = (seq: number, at: number, body: object) => ({ ...body, seq, at, by: desk.book.by }) as IncidentEvent;
  const stack = desk.stack;
  const opened = event(1, run.startedAt, {
    type: 'incident.opened',
    id: runId,
    title: first.event.title,
    severity: 'SEV-1',
    service: stack?.service ?? first.event.runbook,
    environment: first.event.environment,
    trigger: { kind: 'run', runId, runbook: run.runbook },
    detectedAt: run.startedAt,
    names: [],
  });
  const events = [
    opened,
    event(2, run.endedAt, { type: 'run.linked', run }),
    ...(run.hasEnded ? [event(3, run.endedAt, { type: 'incident.resolved', text: run.summary })] : []),
  ];
  const incident = incidentOf(events);
  const standing = standingOf(incident, [], run.endedAt);
  const store = { name: found.store.name, append: refuse, read: refuse, list: refuse };
  return { found: { incident, records: [], store }, standing, gaps: [] };
}

function refuse(): Promise<never> {
  return Promise.reject(new TypeError('a draft of a run is kept nowhere'));
}

export function postmortemOf({
  standing,
  gaps,
  basis,
}: Known & { readonly basis: 'incident' | 'run' }): PostmortemDocument {
  const { incident, runs, now } = standing;
  const { evidence } = incident;
  const impact = impactOf(standing);
  const { detectedAt, resolvedAt } = incident;
  return {
    schema: 'nanoops/postmortem@1',
    ...aboutOf(standing),
    generatedAt: iso(now),
    durationMs: resolvedAt === undefined ? null : resolvedAt - detectedAt,
    basis,
    summary: summaryOf(standing),
    timeline: entriesOf(incident, runs),
    impact,
    changes: runs.flatMap(({ runId, changes, mode }) =>
      mode === 'dry-run' ? [] : changes.map((change) => ({ ...change, runId, at: iso(change.at) })),
    ),
    resolution: incident.resolution ?? null,
    actions: actionsOf(incident),
    lessons: runs.flatMap(({ recovery }) => recovery?.lessons ?? []),
    questions: [...questionsOf(standing, impact)],
    series: seriesOf(standing),
    roles: rolesOf(incident),
    gaps: [...gaps, ...(evidence?.gaps ?? (basis === 'incident' ? ['the stack was not looked at'] : []))],
    logs: (evidence?.logs ?? []).map(({ group, region, lines }) => ({
      group,
      region,
      lines: lines.slice(0, mostLines).map(({ at, message }) => ({ at: iso(at), message })),
    })),
  };
}

const mostLines = 10;

function summaryOf({ incident, times, cause, runs }: Standing): string {
  const { title, severity, service, environment, detectedAt, resolution, impact } = incident;
  const course = [
    ...(times.detectMs === undefined || times.detectMs === 0
      ? []
      : [`noticed ${lengthOf(times.detectMs)} after it began`]),
    ...(times.mitigateMs === undefined ? [] : [`mitigated after ${lengthOf(times.mitigateMs)}`]),
    times.resolveMs === undefined ? 'not resolved yet' : `resolved after ${lengthOf(times.resolveMs)}`,
  ];
  const day = iso(detectedAt);
  const how = resolution ?? runs.findLast(({ helped }) => helped === true)?.summary;
  return [
    `On ${day.slice(0, 10)} at ${day.slice(11, 16)} UTC, ${service} (${environment}): ${title} (${severity}, ${severityLevels[severity].title.split(': ')[1] ?? ''}). It was ${course.join(', ')}.`,
    ...(cause === undefined
      ? ['Its cause is not known.']
      : [`${cause.confirmed ? 'The cause' : 'The likely cause, not confirmed yet'}: ${cause.summary}.`]),
    ...(impact.summary === undefined ? [] : [`${capital(impact.summary)}.`]),
    ...(how === undefined ? [] : [`What ended it: ${how}.`]),
  ]
    .join(' ')
    .replaceAll('..', '.');
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** From a while before it began until it was over. */
function seriesOf({ incident, beganAt, now }: Standing): PostmortemDocument['series'] {
  const { evidence, detectedAt, resolvedAt } = incident;
  const beforeMs = 15 * 60_000;
  const from = Math.min(beganAt ?? detectedAt, detectedAt) - beforeMs;
  const to = (resolvedAt ?? now) + 5 * 60_000;
  return (evidence?.series ?? []).flatMap(({ id, label, unit, points }) => {
    const shown = points.filter(({ at }) => at >= from && at <= to);
    return shown.length < 2
      ? []
      : [{ id, label, unit, points: shown.map(({ at, value }) => ({ at: iso(at), value })) }];
  });
}

export function publicPostmortemOf(standing: Standing, digest: Digest): PublicPostmortemDocument {
  const { incident, beganAt, mitigatedAt } = standing;
  const { detectedAt, resolvedAt, actions } = incident;
  const cause = publicCause(standing);
  const title = publicTitle(incident);
  const moments = [
    ...(beganAt === undefined || beganAt >= detectedAt ? [] : [{ at: beganAt, text: 'The problem began.' }]),
    ...publicUpdates(incident),
    ...(mitigatedAt === undefined ||
    mitigatedAt === resolvedAt ||
    incident.events.some(({ type }) => type === 'incident.mitigated')
      ? []
      : [{ at: mitigatedAt, text: 'A fix was in place.' }]),
  ].toSorted((a, b) => a.at - b.at);
  return {
    schema: 'nanoops/public-postmortem@1',
    id: publicId(incident, digest),
    title,
    severity: incident.severity,
    beganAt: maybeIso(beganAt === undefined ? undefined : minute(beganAt)),
    detectedAt: iso(minute(detectedAt)),
    resolvedAt: maybeIso(resolvedAt === undefined ? undefined : minute(resolvedAt)),
    durationMs: resolvedAt === undefined ? null : resolvedAt - detectedAt,
    summary: publicSummary(incident, title),
    timeline: moments.map(({ at, text }) => ({ at: iso(minute(at)), offsetMs: at - detectedAt, text })),
    cause: cause.text,
    causeConfirmed: cause.confirmed,
    impact: [...publicImpact(impactOf(standing))],
    resolution: publicResolution(standing),
    improvements: improvementsOf(actions),
    series: seriesOf(standing).filter(({ id }) => id === 'latency-p99'),
  };
}

function publicSummary({ detectedAt, resolvedAt }: Incident, title: string): string {
  const at = iso(detectedAt);
  const when = `On ${at.slice(0, 10)} from ${at.slice(11, 16)} UTC`;
  if (resolvedAt === undefined) return `${when}: ${title}. It is not over yet.`;
  const minutes = Math.max(1, Math.round((resolvedAt - detectedAt) / 60_000));
  return `${when}: ${title}, for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}. It is resolved.`;
}

/** How much, and by when; what it is in detail is for the team. */
function improvementsOf(actions: Incident['actions']): string {
  if (actions.length === 0) return 'What we will do so that it does not happen again is still being worked out.';
  const [first] = actions.flatMap(({ due }) => (due === undefined ? [] : [due])).toSorted();
  const count = actions.length === 1 ? 'One improvement is' : `${actions.length} improvements are`;
  return `${count} under way so that it does not happen again${first === undefined ? '' : `, the first by ${first}`}.`;
}

/** Always the same for an incident, and of no use inside. */
export function publicId({ id, openedAt }: Incident, digest: Digest): string {
  return digest(`${id} ${openedAt}`).slice(0, 12);
}

/** Customers need no seconds. */
function minute(at: number): number {
  return Math.floor(at / 60_000) * 60_000;
}
