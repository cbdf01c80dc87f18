/** The document of an incident: how it stands, what is due, what happened. */
import { logsLiveUntil } from '../../incident/evidence.ts';
import type { Incident } from '../../incident/incident.ts';
import type { RunBrief } from '../../incident/runs.ts';
import type { Standing } from '../../incident/standing.ts';
import { timelineOf, type Entry } from '../../incident/timeline.ts';
import type { IncidentDocument } from '../../report/incident-schemas.ts';
import { shellLine } from '../../cloud/shell-line.ts';
import type { OwnOption } from '../own-command.ts';
import type { Known } from './desk.ts';

export interface Shown {
  /** What the command did. */
  readonly done?: string;
  /** What a command needs to reach the same incidents. */
  readonly options: readonly OwnOption[];
}

export function incidentDocumentOf({ found, standing, gaps }: Known, { done, options }: Shown): IncidentDocument {
  const { incident, checklist, now, runs } = standing;
  const isOverdue = checklist.some(({ status }) => status === 'overdue');
  const command = (words: string): string => commandFor(incident, words, options);
  return {
    schema: 'nanoops/incident@1',
    ...aboutOf(standing),
    asOf: iso(now),
    verdict: isOverdue ? 'attention' : 'ok',
    exitCode: isOverdue ? 1 : 0,
    done: done ?? null,
    reopened: incident.reopenings.length,
    roles: rolesOf(incident),
    checklist: checklist.map((item) => ({
      id: item.id,
      title: item.title,
      dueAt: iso(item.dueAt),
      status: item.status,
      doneAt: maybeIso(item.doneAt),
      lateMs: item.lateMs ?? null,
      command: command(item.command),
    })),
    impact: {
      summary: incident.impact.summary ?? null,
      users: incident.impact.users ?? null,
      dataLost: incident.impact.dataLost ?? null,
    },
    actions: actionsOf(incident),
    timeline: entriesOf(incident, runs),
    runs: runs.map(runOf),
    evidence: evidenceOf(incident),
    told: incident.told.map(({ at, change, receiver, delivered, simulated, detail }) => ({
      at: iso(at),
      change,
      receiver,
      delivered,
      simulated: simulated === true,
      detail,
    })),
    gaps: [...gaps],
    nextSteps: nextStepsOf(standing, command),
    store: found.store.name,
  };
}

/** What says where incidents are kept. */
const ofStore: ReadonlySet<OwnOption[0]> = new Set(['-c', '-e', '--profile', '--endpoint-url']);

/** `update "…"` as it has to be typed for this incident. */
function commandFor({ id, simulated }: Incident, words: string, options: readonly OwnOption[]): string {
  const [verb = '', ...rest] = words.split(' ');
  const where =
    simulated === undefined
      ? options.filter(([name]) => ofStore.has(name)).map((option) => shellLine(...option))
      : ['--sandbox'];
  return ['nanoops incident', verb, id, ...rest, ...where].join(' ');
}

function nextStepsOf({ incident, checklist }: Standing, command: (words: string) => string): readonly string[] {
  const wanted = checklist.filter(({ status }) => status === 'overdue' || status === 'due');
  const overdue = wanted.filter(({ status }) => status === 'overdue');
  const next = (overdue.length > 0 ? overdue : wanted.slice(0, 1)).slice(0, 3).map((item) => command(item.command));
  const isOver = incident.state === 'resolved';
  const ends = isOver && incident.postmortems.length === 0 ? [command('postmortem --report postmortem.html')] : [];
  return [...new Set([...next, ...ends])];
}

/** What stands at the head of every document of an incident. */
export function aboutOf({ incident, times, beganAt, mitigatedAt, cause }: Standing) {
  return {
    id: incident.id,
    title: incident.title,
    severity: incident.severity,
    state: incident.state,
    service: incident.service,
    environment: incident.environment,
    simulated: incident.simulated !== undefined,
    beganAt: maybeIso(beganAt),
    detectedAt: iso(incident.detectedAt),
    acknowledgedAt: maybeIso(incident.acknowledgedAt),
    mitigatedAt: maybeIso(mitigatedAt),
    resolvedAt: maybeIso(incident.resolvedAt),
    times: {
      detectMs: times.detectMs ?? null,
      acknowledgeMs: times.acknowledgeMs ?? null,
      diagnoseMs: times.diagnoseMs ?? null,
      mitigateMs: times.mitigateMs ?? null,
      resolveMs: times.resolveMs ?? null,
    },
    cause: cause === undefined ? null : { summary: cause.summary, confirmed: cause.confirmed, basis: cause.basis },
  };
}

export function rolesOf({ roles }: Incident) {
  return {
    commander: roles.commander ?? null,
    communications: roles.communications ?? null,
    operations: roles.operations ?? null,
  };
}

export function actionsOf({ actions }: Incident) {
  return actions.map(({ text, owner, due }) => ({ text, owner: owner ?? null, due: due ?? null }));
}

export function entriesOf(incident: Incident, runs: readonly RunBrief[]) {
  return timelineOf(incident, runs).map(({ at, kind, text, source, mark }: Entry) => ({
    at: iso(at),
    offsetMs: at - incident.detectedAt,
    kind,
    text,
    source,
    mark: mark ?? null,
  }));
}

function runOf({ runId, runbook, mode, verdict, startedAt, endedAt, summary }: RunBrief) {
  return { runId, runbook, mode, verdict, startedAt: iso(startedAt), endedAt: iso(endedAt), summary };
}

function evidenceOf({ evidence }: Incident): IncidentDocument['evidence'] {
  if (evidence === undefined) return null;
  const { from, to, alarms, deployments, logs, gaps } = evidence;
  return {
    from: iso(from),
    to: iso(to),
    alarms: alarms.length,
    deployments: deployments.length,
    logs: logs.map(({ group, region, isPart, lines }) => ({
      group,
      region,
      isPart,
      lines: lines.map(({ at, stream, message }) => ({ at: iso(at), stream, message })),
    })),
    logsLiveUntil: maybeIso(logsLiveUntil(evidence) ?? undefined),
    gaps: [...gaps],
  };
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}

export function maybeIso(at: number | undefined): string | null {
  return at === undefined ? null : iso(at);
}
