/** What happened, in order of time, each with where it is known from: people, runs, alarms, deployments, the database. */
import type { Evidence } from './evidence.ts';
import { timeOf, type Incident } from './incident.ts';
import type { IncidentEvent, Role } from './events.ts';
import type { RunBrief } from './runs.ts';

/**
 * - `incident`: what was done with the incident itself.
 * - `update`: what was said of how it stands; `note`: what somebody wrote down for those who work on it.
 * - `run`, `change`: what a run found, and what it changed.
 * - `alarm`, `deployment`, `database`: what AWS says.
 */
export type EntryKind = 'incident' | 'update' | 'note' | 'run' | 'change' | 'alarm' | 'deployment' | 'database';

export interface Entry {
  readonly at: number;
  readonly kind: EntryKind;
  readonly text: string;
  /** Who, or what, it is known from: `ana`, `run 2026…`, `cloudwatch:DescribeAlarmHistory`. */
  readonly source: string;
  /** Of what stands out: detected, acknowledged, mitigated, resolved, a change. */
  readonly mark?: Mark;
}

export type Mark =
  | 'began'
  | 'detected'
  | 'acknowledged'
  | 'diagnosed'
  | 'changed'
  | 'mitigated'
  | 'resolved'
  | 'reopened';

const roleNames: Readonly<Record<Role, string>> = {
  commander: 'incident commander',
  communications: 'communications',
  operations: 'operations',
};

export function roleName(role: Role): string {
  return roleNames[role];
}

/** `runs`: all that happened during the incident, whether somebody linked them or not. */
export function timelineOf(incident: Incident, runs: readonly RunBrief[]): readonly Entry[] {
  const entries = [
    ...beginning(incident),
    ...incident.events.flatMap((event) => eventEntries(event)),
    ...runs.flatMap(runEntries),
    ...(incident.evidence === undefined ? [] : evidenceEntries(incident.evidence)),
  ];
  // Stable, so that what was written at one moment stays in its order.
  const sorted = entries.toSorted((a, b) => a.at - b.at);
  const named = sorted.find(({ mark }) => mark === 'diagnosed');
  // A cause is found once, however many runs and people name it after that.
  return sorted.map((entry) => (entry.mark === 'diagnosed' && entry !== named ? { ...entry, mark: undefined } : entry));
}

function beginning({ beganAt, detectedAt, trigger, events }: Incident): readonly Entry[] {
  const [opening] = events;
  const found = events.findLast((event) => event.type === 'beginning.found');
  const basis = found?.type === 'beginning.found' ? found.basis : (opening?.by ?? '');
  const began: readonly Entry[] =
    beganAt === undefined || beganAt >= detectedAt
      ? []
      : [{ at: beganAt, kind: 'incident', text: 'the trouble began', source: basis, mark: 'began' }];
  const noticed: Readonly<Record<typeof trigger.kind, Omit<Entry, 'at' | 'kind' | 'mark'>>> = {
    hand: { text: 'noticed', source: opening?.by ?? '' },
    alert: {
      text: trigger.kind === 'alert' ? `alert ${trigger.checkId}: ${trigger.summary}` : '',
      source: trigger.kind === 'alert' ? trigger.checkId : '',
    },
    run: {
      text: trigger.kind === 'run' ? `found by ${trigger.runbook}` : '',
      source: trigger.kind === 'run' ? `run ${trigger.runId}` : '',
    },
  };
  return [...began, { at: detectedAt, kind: 'incident', mark: 'detected', ...noticed[trigger.kind] }];
}

function eventEntries(event: IncidentEvent): readonly Entry[] {
  const entry = (kind: EntryKind, text: string, mark?: Mark): readonly Entry[] => [
    { at: timeOf(event), kind, text, source: event.by, mark },
  ];
  switch (event.type) {
    case 'incident.opened':
      return [
        ...entry('incident', `opened as ${event.severity}: ${event.title}`),
        ...(event.publicText === undefined ? [] : entry('update', `to customers: ${event.publicText}`)),
      ];
    case 'incident.acknowledged':
      return entry('incident', `acknowledged by ${event.by}`, 'acknowledged');
    case 'incident.assigned':
      return entry('incident', `${roleName(event.role)}: ${event.who}`);
    case 'incident.noted':
      return entry('note', event.text);
    case 'incident.updated':
      return saidOf(event).flatMap((text) => entry('update', text));
    case 'severity.changed':
      return entry('incident', `severity ${event.from} → ${event.to}`);
    case 'beginning.found':
      return [];
    case 'cause.named':
      return entry('incident', `root cause${event.confirmed ? '' : ' (hypothesis)'}: ${event.summary}`, 'diagnosed');
    case 'impact.stated':
      return entry('incident', `impact: ${impactText(event.impact)}`);
    case 'action.added':
      return [];
    case 'incident.mitigated':
      return entry('incident', event.text === undefined ? 'mitigated' : `mitigated: ${event.text}`, 'mitigated');
    case 'incident.resolved':
      return [
        ...entry('incident', event.text === undefined ? 'resolved' : `resolved: ${event.text}`, 'resolved'),
        ...(event.publicText === undefined ? [] : entry('update', `to customers: ${event.publicText}`)),
      ];
    case 'incident.reopened':
      return entry('incident', `reopened: ${event.reason}`, 'reopened');
    case 'people.told':
      return toldEntry(event, entry);
    case 'run.linked':
    case 'evidence.kept':
    case 'postmortem.written':
      return [];
  }
}

function saidOf({ text, publicText }: { readonly text?: string; readonly publicText?: string }): readonly string[] {
  return [...(text === undefined ? [] : [text]), ...(publicText === undefined ? [] : [`to customers: ${publicText}`])];
}

function toldEntry(
  { told, change }: Extract<IncidentEvent, { type: 'people.told' }>,
  entry: (kind: EntryKind, text: string) => readonly Entry[],
): readonly Entry[] {
  const words = (some: readonly { readonly receiver: string }[]): string =>
    some.map(({ receiver }) => receiver).join(', ');
  const taken = told.filter(({ delivered }) => delivered);
  const simulated = told.filter((each) => !each.delivered && each.simulated === true);
  const failed = told.filter((each) => !each.delivered && each.simulated !== true);
  return [
    ...(taken.length === 0 ? [] : entry('incident', `told of it (${change}): ${words(taken)}`)),
    ...(simulated.length === 0 ? [] : entry('incident', `not sent, simulated (${change}): ${words(simulated)}`)),
    ...failed.flatMap(({ receiver, detail }) => entry('incident', `could not tell ${receiver} (${change}): ${detail}`)),
  ];
}

export function impactText({
  summary,
  users,
  dataLost,
}: {
  readonly summary?: string;
  readonly users?: number;
  readonly dataLost?: string;
}): string {
  return [
    ...(summary === undefined ? [] : [summary]),
    ...(users === undefined ? [] : [`${users} users`]),
    ...(dataLost === undefined ? [] : [`data lost: ${dataLost}`]),
  ].join('; ');
}

function runEntries(run: RunBrief): readonly Entry[] {
  const source = `run ${run.runId}`;
  const [cause] = run.causes;
  const named: readonly Entry[] =
    cause === undefined
      ? []
      : [{ at: causeAt(run), kind: 'run', text: `${run.runbook} names: ${cause.summary}`, source, mark: 'diagnosed' }];
  const changes = run.changes
    .filter(({ status }) => status !== 'planned')
    .map((change): Entry => {
      const word = {
        applied: '',
        reverted: ', put back later',
        failed: ', which failed',
        unknown: ', outcome unknown',
        planned: '',
      };
      return {
        at: change.at,
        kind: 'change',
        text: `${change.summary}${word[change.status]}`,
        source,
        ...(change.status === 'applied' ? { mark: 'changed' as const } : {}),
      };
    });
  const isDry = run.mode === 'dry-run' ? ' (dry run)' : '';
  return [
    { at: run.startedAt, kind: 'run', text: `${run.runbook} begun${isDry}`, source },
    ...named,
    ...changes,
    {
      at: run.endedAt,
      kind: 'run',
      text: `${run.runbook}${isDry} ${run.hasEnded ? 'ended' : 'stopped'}: ${run.summary}`,
      source,
      ...(run.helped === true ? { mark: 'mitigated' as const } : {}),
    },
  ];
}

/** A run names its cause before it changes anything for it; one that only looks, when it ends. */
export function causeAt({ changes, endedAt }: RunBrief): number {
  return Math.min(endedAt, ...changes.map(({ at }) => at));
}

function evidenceEntries({ alarms, deployments, database }: Evidence): readonly Entry[] {
  return [
    ...alarms.map(({ name, region, at, to, reason }): Entry => {
      const went = { alarm: 'fired', ok: 'is over', 'insufficient-data': 'has no data' }[to];
      return {
        at,
        kind: 'alarm',
        text: `alarm ${name} ${went}${to === 'alarm' && reason !== '' ? `: ${reason}` : ''}`,
        source: `cloudwatch:DescribeAlarmHistory ${region}`,
      };
    }),
    ...deployments.flatMap(({ service, startedAt, finishedAt, status, version }): readonly Entry[] => {
      const what = version === undefined ? service : `${version} to ${service}`;
      const source = 'ecs:ListServiceDeployments';
      return [
        { at: startedAt, kind: 'deployment', text: `deployment of ${what} begun`, source },
        ...(finishedAt === undefined
          ? []
          : [{ at: finishedAt, kind: 'deployment', text: `deployment of ${what} ended: ${status}`, source } as const]),
      ];
    }),
    ...database.map(({ at, about, message }): Entry => ({
      at,
      kind: 'database',
      text: `${about}: ${message}`,
      source: 'rds:DescribeEvents',
    })),
  ];
}
