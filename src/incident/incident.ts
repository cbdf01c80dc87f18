/** How an incident stands, by its events. Pure, so that whoever reads them sees the same. */
import type { IncidentSeverity } from '../cloud/notifier.ts';
import { mergedEvidence, type Evidence } from './evidence.ts';
import type { ActionItem, IncidentEvent, Role, SimulatedWorld, StatedImpact, Told, Trigger } from './events.ts';
import { newestOfEach, type RunBrief } from './runs.ts';

export type IncidentState = 'open' | 'acknowledged' | 'mitigated' | 'resolved';

export interface NamedCause {
  readonly summary: string;
  readonly confirmed: boolean;
  readonly basis: string;
  readonly at: number;
}

/** Something that was said of how it stands. */
export interface StatusUpdate {
  readonly at: number;
  readonly by: string;
  readonly text?: string;
  readonly publicText?: string;
}

export interface Incident {
  readonly id: string;
  readonly title: string;
  readonly severity: IncidentSeverity;
  /** As it was at first, where it has been changed. */
  readonly firstSeverity: IncidentSeverity;
  readonly state: IncidentState;
  readonly service: string;
  readonly environment: string;
  readonly trigger: Trigger;
  readonly simulated?: SimulatedWorld;
  readonly openedBy: string;
  /** When its first event was written: on its own clock, and on the wall's. */
  readonly openedAt: number;
  readonly openedWallAt: number;
  /** T+0. */
  readonly detectedAt: number;
  readonly beganAt?: number;
  readonly acknowledgedAt?: number;
  readonly acknowledgedBy?: string;
  /** When the first cause was named. */
  readonly diagnosedAt?: number;
  readonly impactAt?: number;
  readonly mitigatedAt?: number;
  readonly resolvedAt?: number;
  readonly resolvedWallAt?: number;
  readonly resolution?: string;
  readonly reopenings: readonly { readonly at: number; readonly reason: string }[];
  readonly roles: Readonly<Partial<Record<Role, string>>>;
  readonly cause?: NamedCause;
  readonly impact: StatedImpact;
  readonly updates: readonly StatusUpdate[];
  readonly actions: readonly ActionItem[];
  /** Those that were linked; more may have happened meanwhile. */
  readonly runs: readonly RunBrief[];
  readonly evidence?: Evidence;
  readonly told: readonly (Told & { readonly at: number; readonly change: string })[];
  readonly postmortems: readonly { readonly at: number; readonly path: string }[];
  /** What no public text may hold: names of the stack's parts, and of everybody who took part. */
  readonly names: readonly string[];
  readonly people: readonly string[];
  readonly lastAt: number;
  readonly seq: number;
  readonly events: readonly IncidentEvent[];
}

/** @throws TypeError for events that do not begin with an opening. */
export function incidentOf(events: readonly IncidentEvent[]): Incident {
  const [first] = events;
  if (first?.type !== 'incident.opened') throw new TypeError('the events do not begin with the opening of an incident');
  const fold = new Fold(first);
  for (const event of events.slice(1)) fold.take(event);
  return fold.incident(events);
}

/** When it happened: what was written down later says so. */
export function timeOf({ at, happenedAt }: IncidentEvent): number {
  return happenedAt ?? at;
}

/**
 * What time it is for an incident. On a simulated AWS time passes as it does for whoever works on it, and with each run
 * as long as that took there.
 */
export function nowOf(incident: Incident, wallMs: number, runs: readonly RunBrief[]): number {
  if (incident.simulated === undefined) return wallMs;
  const passed = incident.openedAt + Math.max(0, wallMs - incident.openedWallAt);
  return Math.max(
    passed,
    incident.lastAt, // What is done about a run is done after it.
    ...[...incident.runs, ...runs].map(({ endedAt }) => endedAt + 1),
  );
}

class Fold {
  private readonly first: Extract<IncidentEvent, { type: 'incident.opened' }>;
  private severity: IncidentSeverity;
  private state: IncidentState = 'open';
  private beganAt: number | undefined;
  private acknowledged: { at: number; by: string } | undefined;
  private diagnosedAt: number | undefined;
  private impactAt: number | undefined;
  private mitigatedAt: number | undefined;
  private resolved: { at: number; wallAt: number; text?: string } | undefined;
  private readonly reopenings: { at: number; reason: string }[] = [];
  private readonly roles: Partial<Record<Role, string>> = {};
  private cause: NamedCause | undefined;
  private impact: StatedImpact = {};
  private readonly updates: StatusUpdate[] = [];
  private readonly actions: ActionItem[] = [];
  private readonly runs: RunBrief[] = [];
  private readonly looks: Evidence[] = [];
  private readonly told: Incident['told'][number][] = [];
  private readonly postmortems: { at: number; path: string }[] = [];
  private readonly people = new Set<string>();

  constructor(first: Extract<IncidentEvent, { type: 'incident.opened' }>) {
    this.first = first;
    this.severity = first.severity;
    this.beganAt = first.beganAt;
    this.people.add(first.by);
    // What customers are told at once is the first word to them, and no update of how it stands.
  }

  take(event: IncidentEvent): void {
    const at = timeOf(event);
    this.people.add(event.by);
    switch (event.type) {
      case 'incident.opened':
        return;
      case 'incident.acknowledged':
        this.acknowledge(at, event.by);
        return;
      case 'incident.assigned':
        this.roles[event.role] = event.who;
        this.people.add(event.who);
        return;
      case 'incident.noted':
        return;
      case 'incident.updated':
        this.updates.push({ at, by: event.by, text: event.text, publicText: event.publicText });
        return;
      case 'severity.changed':
        this.severity = event.to;
        return;
      case 'beginning.found':
        this.beganAt = event.beganAt;
        return;
      case 'cause.named':
        this.diagnosedAt ??= at;
        this.cause = { summary: event.summary, confirmed: event.confirmed, basis: event.basis, at };
        return;
      case 'impact.stated':
        this.impactAt ??= at;
        this.impact = { ...this.impact, ...event.impact };
        return;
      case 'action.added':
        this.actions.push(event.action);
        if (event.action.owner !== undefined) this.people.add(event.action.owner);
        return;
      case 'incident.mitigated':
        this.mitigatedAt ??= at;
        if (this.state !== 'resolved') this.state = 'mitigated';
        return;
      case 'incident.resolved':
        this.state = 'resolved';
        this.resolved = { at, wallAt: event.wallAt ?? at, text: event.text };
        this.updates.push({ at, by: event.by, text: event.text, publicText: event.publicText });
        return;
      case 'incident.reopened':
        // What was over was not: it is mitigated when it is so again.
        this.state = this.acknowledged === undefined ? 'open' : 'acknowledged';
        this.mitigatedAt = undefined;
        this.resolved = undefined;
        this.reopenings.push({ at, reason: event.reason });
        return;
      case 'run.linked':
        this.runs.push(event.run);
        return;
      case 'evidence.kept':
        this.looks.push(event.evidence);
        return;
      case 'people.told':
        this.told.push(...event.told.map((told) => ({ ...told, at, change: event.change })));
        return;
      case 'postmortem.written':
        this.postmortems.push({ at, path: event.path });
        return;
    }
  }

  private acknowledge(at: number, by: string): void {
    this.acknowledged ??= { at, by };
    if (this.state === 'open') this.state = 'acknowledged';
  }

  incident(events: readonly IncidentEvent[]): Incident {
    const { first } = this;
    const last = events.at(-1) ?? first;
    return {
      id: first.id,
      title: first.title,
      severity: this.severity,
      firstSeverity: first.severity,
      state: this.state,
      service: first.service,
      environment: first.environment,
      trigger: first.trigger,
      simulated: first.simulated,
      openedBy: first.by,
      openedAt: first.at,
      openedWallAt: first.wallAt ?? first.at,
      detectedAt: first.detectedAt,
      beganAt: this.beganAt,
      acknowledgedAt: this.acknowledged?.at,
      acknowledgedBy: this.acknowledged?.by,
      diagnosedAt: this.diagnosedAt,
      impactAt: this.impactAt,
      mitigatedAt: this.mitigatedAt,
      resolvedAt: this.resolved?.at,
      resolvedWallAt: this.resolved?.wallAt,
      resolution: this.resolved?.text,
      reopenings: this.reopenings,
      roles: this.roles,
      cause: this.cause,
      impact: this.impact,
      updates: this.updates.toSorted((a, b) => a.at - b.at),
      actions: this.actions,
      runs: newestOfEach(this.runs),
      evidence: mergedEvidence(this.looks),
      told: this.told,
      postmortems: this.postmortems,
      names: first.names,
      people: [...this.people],
      lastAt: Math.max(...events.map(({ at }) => at)),
      seq: last.seq,
      events,
    };
  }
}
