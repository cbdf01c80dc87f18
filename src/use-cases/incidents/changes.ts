/** What people do with an incident: take it, write down what they see, say how it stands, end it, take it up again. */
import type { IncidentSeverity } from '../../cloud/notifier.ts';
import { NanoopsError } from '../../errors.ts';
import type { ActionItem, Role, StatedImpact } from '../../incident/events.ts';
import { roles } from '../../incident/events.ts';
import { nowOf, type Incident } from '../../incident/incident.ts';
import type { RunBrief } from '../../incident/runs.ts';
import { impactText, roleName } from '../../incident/timeline.ts';
import type { Found, Written } from './book.ts';
import { knownOf, worldOf, type IncidentDesk } from './desk.ts';
import { keepEvidence } from './evidence.ts';
import { momentOf } from './moments.ts';
import { tell, type News } from './tell.ts';
import { keptText, personText, publicText } from './texts.ts';

export interface Changed {
  readonly found: Found;
  /** What was done, in one line. */
  readonly done: string;
}

interface About {
  /** What was typed for its id. */
  readonly id?: string;
  /** As typed: when it happened, where it is written down later. */
  readonly at?: string;
}

/** When it happened, where somebody says so. It cannot have happened before the trouble began. */
function happened(incident: Incident, now: number, at: string | undefined): { readonly happenedAt?: number } {
  const happenedAt = momentOf(at, now, '--at');
  if (happenedAt === undefined) return {};
  const first = Math.min(incident.beganAt ?? incident.detectedAt, incident.detectedAt);
  if (happenedAt >= first) return { happenedAt };
  throw new NanoopsError(`--at ${at ?? ''} lies before the incident, which began at ${new Date(first).toISOString()}`, {
    code: 'InvalidTime',
    exitCode: 2,
    nextStep: 'leave --at out, or say when it was since then',
  });
}

async function open(desk: IncidentDesk, id: string | undefined) {
  const known = await knownOf(desk, await desk.book.find(id));
  const runs: readonly RunBrief[] = known.standing.runs;
  const now = (incident: Incident): number => nowOf(incident, desk.book.wall, runs);
  return { ...known, runs, now };
}

export interface AckRequest extends About {
  readonly as?: Role;
  readonly severity?: IncidentSeverity;
}

export async function acknowledge(desk: IncidentDesk, request: AckRequest): Promise<Changed> {
  const { found, now } = await open(desk, request.id);
  const { by } = desk.book;
  const written = await desk.book.write(found, now, (incident) => {
    if (incident.state === 'resolved') throw resolvedAlready(incident);
    if (incident.acknowledgedAt !== undefined && request.as === undefined && request.severity === undefined) {
      throw new NanoopsError(
        `${incident.id} is acknowledged already, by ${incident.acknowledgedBy ?? 'somebody'} at ${iso(incident.acknowledgedAt)}`,
        {
          code: 'AlreadyAcknowledged',
          exitCode: 2,
          nextStep: `nanoops incident ack ${incident.id} --as commander takes a role; nanoops incident show ${incident.id} tells how it stands`,
        },
      );
    }
    const first: readonly Written[] =
      incident.acknowledgedAt === undefined
        ? [{ type: 'incident.acknowledged', ...happened(incident, now(incident), request.at) }]
        : [];
    const role: Role | undefined =
      request.as ?? (incident.roles.commander === undefined && first.length > 0 ? 'commander' : undefined);
    return [
      ...first,
      ...severityChange(incident, request.severity),
      ...(role === undefined ? [] : [{ type: 'incident.assigned', role, who: by } as const]),
    ];
  });
  const { incident } = written;
  const role = Object.entries(incident.roles).find(([, who]) => who === by)?.[0];
  const done = `acknowledged by ${by}${role === undefined ? '' : `, ${roleName(role as Role)}`}`;
  return { found: await tell(desk, written, { change: 'acknowledged', title: done, text: [incident.title] }), done };
}

export async function note(desk: IncidentDesk, request: About & { readonly text: string }): Promise<Changed> {
  const text = keptText(request.text, 'the note');
  const { found, now } = await open(desk, request.id);
  // Also of one that is over: what is remembered the day after belongs to it.
  const written = await desk.book.write(found, now, (incident) => [
    { type: 'incident.noted', text, ...happened(incident, now(incident), request.at) },
  ]);
  return { found: written, done: 'noted' };
}

export interface UpdateRequest extends About {
  readonly text?: string;
  readonly publicText?: string;
  readonly severity?: IncidentSeverity;
  readonly mitigated: boolean;
  readonly rootCause?: string;
  readonly confirmed: boolean;
  readonly impact?: string;
  readonly users?: number;
  readonly dataLost?: string;
  readonly action?: string;
  readonly owner?: string;
  readonly due?: string;
  /** `commander=ana` */
  readonly roles: readonly string[];
  readonly began?: string;
}

export async function update(desk: IncidentDesk, request: UpdateRequest): Promise<Changed> {
  const typed = typedUpdate(request);
  const { found, now, standing } = await open(desk, request.id);
  const { by } = desk.book;
  const said =
    request.publicText === undefined
      ? undefined
      : publicText(request.publicText, found.incident.names, [...found.incident.people, by]);
  const written = await desk.book.write(found, now, (incident) => {
    const when = happened(incident, now(incident), request.at);
    const isOver = incident.state === 'resolved';
    if (isOver && (request.mitigated || typed.text !== undefined)) throw resolvedAlready(incident);
    const confirms = request.confirmed && typed.rootCause === undefined;
    const known = incident.cause ?? standing.cause;
    if (confirms && known === undefined) throw nothingToConfirm(incident);
    const cause = typed.rootCause ?? (confirms ? known?.summary : undefined);
    const beganAt = momentOf(request.began, now(incident), '--began');
    return [
      ...(typed.text === undefined && said === undefined
        ? []
        : [{ type: 'incident.updated', text: typed.text, publicText: said, ...when } as const]),
      ...severityChange(incident, request.severity),
      ...(beganAt === undefined ? [] : [{ type: 'beginning.found', beganAt, basis: by } as const]),
      ...(cause === undefined
        ? []
        : [{ type: 'cause.named', summary: cause, confirmed: request.confirmed, basis: by, ...when } as const]),
      ...(typed.impact === undefined ? [] : [{ type: 'impact.stated', impact: typed.impact, ...when } as const]),
      ...(typed.action === undefined ? [] : [{ type: 'action.added', action: typed.action } as const]),
      ...typed.roles.map(({ role, who }) => ({ type: 'incident.assigned', role, who }) as const),
      ...(request.mitigated && incident.mitigatedAt === undefined
        ? [{ type: 'incident.mitigated', ...when } as const]
        : []),
    ];
  });
  const added = written.incident.events.slice(found.incident.events.length);
  if (added.length === 0) return { found: written, done: 'nothing to change: it is so already' };
  const done = doneBy(request, typed);
  // What is only for the post-mortem wakes nobody up, and of what is over nothing but a word is told.
  const isOver = written.incident.state === 'resolved';
  const isNews = added.some(
    ({ type }) => type === 'incident.updated' || (!isOver && ['severity.changed', 'incident.mitigated'].includes(type)),
  );
  // To receivers it stays resolved: an update would page again, and set the status page back.
  const news: News = {
    change: isOver ? 'resolved' : 'updated',
    title: typed.text ?? done,
    text: [written.incident.title],
    publicText: said,
  };
  return { found: isNews ? await tell(desk, written, news) : written, done };
}

interface Typed {
  readonly text?: string;
  readonly rootCause?: string;
  readonly impact?: StatedImpact;
  readonly action?: ActionItem;
  readonly roles: readonly { readonly role: Role; readonly who: string }[];
}

/** Everything that can be wrong with what was typed is found before anything is asked. */
function typedUpdate(request: UpdateRequest): Typed {
  const { text, rootCause, impact, users, dataLost, action, owner, due } = request;
  const says = [text, request.publicText, request.severity, rootCause, impact, users, dataLost, action, request.began];
  if (
    says.every((each) => each === undefined) &&
    !request.mitigated &&
    !request.confirmed &&
    request.roles.length === 0
  ) {
    throw new NanoopsError('there is nothing to update', {
      code: 'NothingToUpdate',
      exitCode: 2,
      details: [
        'say how it stands, or what was found: --root-cause, --impact, --mitigated, --severity, --action, --role',
      ],
      nextStep: 'nanoops incident update "p99 falls, we go on watching"',
    });
  }
  if (action === undefined && (owner !== undefined || due !== undefined)) {
    throw new NanoopsError(`${owner === undefined ? '--due' : '--owner'} is of an action item, and there is none`, {
      code: 'FlagWithoutMeaning',
      exitCode: 2,
      nextStep: 'nanoops incident update --action "test the pool at 1000 users" --owner ana --due 2026-12-01',
    });
  }
  const stated: StatedImpact = {
    summary: impact === undefined ? undefined : keptText(impact, '--impact'),
    users,
    dataLost: dataLost === undefined ? undefined : keptText(dataLost, '--data-lost'),
  };
  return {
    text: text === undefined ? undefined : keptText(text, 'the update'),
    rootCause: rootCause === undefined ? undefined : keptText(rootCause, '--root-cause'),
    impact: Object.values(stated).every((each) => each === undefined) ? undefined : stated,
    action:
      action === undefined
        ? undefined
        : {
            text: keptText(action, '--action'),
            owner: owner === undefined ? undefined : personText(owner, '--owner'),
            due: due === undefined ? undefined : dayOf(due),
          },
    roles: request.roles.map(roleOf),
  };
}

function roleOf(text: string): { readonly role: Role; readonly who: string } {
  const [name = '', ...rest] = text.split('=');
  const role = roles.find((each) => each === name.trim().toLowerCase());
  if (role !== undefined && rest.length > 0) return { role, who: personText(rest.join('='), `--role ${role}=`) };
  throw new NanoopsError(`--role ${JSON.stringify(text)} is no role and who has it`, {
    code: 'UnknownRole',
    exitCode: 2,
    details: [`the roles are ${roles.join(', ')}`],
    nextStep: '--role commander=ana',
  });
}

function dayOf(text: string): string {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(at) && new Date(at).toISOString().startsWith(text)) return text;
  throw new NanoopsError(`--due ${JSON.stringify(text)} is no day`, {
    code: 'InvalidTime',
    exitCode: 2,
    nextStep: 'write year, month and day: --due 2026-12-01',
  });
}

function doneBy(request: UpdateRequest, { text, rootCause, impact, action, roles: taken }: Typed): string {
  const parts = [
    ...(text === undefined && request.publicText === undefined ? [] : ['status updated']),
    ...(request.severity === undefined ? [] : [`severity ${request.severity}`]),
    ...(request.mitigated ? ['mitigated'] : []),
    ...(rootCause === undefined ? [] : [`root cause ${request.confirmed ? 'confirmed' : 'named as a hypothesis'}`]),
    ...(rootCause === undefined && request.confirmed ? ['root cause confirmed'] : []),
    ...(impact === undefined ? [] : [`impact: ${impactText(impact)}`]),
    ...(request.began === undefined ? [] : ['beginning set']),
    ...(action === undefined ? [] : ['action item added']),
    ...taken.map(({ role, who }) => `${roleName(role)}: ${who}`),
  ];
  return parts.join(', ');
}

export interface ResolveRequest extends About {
  readonly text?: string;
  readonly publicText?: string;
  readonly looks: boolean;
}

export async function resolve(desk: IncidentDesk, request: ResolveRequest): Promise<Changed> {
  const text = request.text === undefined ? undefined : keptText(request.text, 'the resolution');
  const { found, now, runs } = await open(desk, request.id);
  const { by } = desk.book;
  const said =
    request.publicText === undefined
      ? undefined
      : publicText(request.publicText, found.incident.names, [...found.incident.people, by]);
  const written = await desk.book.write(found, now, (incident) => {
    if (incident.state === 'resolved') throw resolvedAlready(incident);
    return [{ type: 'incident.resolved', text, publicText: said, ...happened(incident, now(incident), request.at) }];
  });
  const told = await tell(desk, written, {
    change: 'resolved',
    title: text ?? 'resolved',
    text: [written.incident.title],
    publicText: said,
  });
  const kept = request.looks ? await keepEvidence(desk, told, worldOf(told.incident, runs)) : told;
  return { found: kept, done: `resolved by ${by}` };
}

export async function reopen(desk: IncidentDesk, request: About & { readonly reason: string }): Promise<Changed> {
  const reason = keptText(request.reason, 'the reason');
  const { found, now } = await open(desk, request.id);
  const written = await desk.book.write(found, now, (incident) => {
    if (incident.state !== 'resolved') {
      throw new NanoopsError(`${incident.id} is not over: it is ${incident.state}`, {
        code: 'NotResolved',
        exitCode: 2,
        nextStep: `nanoops incident show ${incident.id}`,
      });
    }
    return [{ type: 'incident.reopened', reason }];
  });
  const { incident } = written;
  const told = await tell(desk, written, { change: 'opened', title: `reopened: ${reason}`, text: [incident.title] });
  return { found: told, done: 'reopened' };
}

function severityChange(incident: Incident, to: IncidentSeverity | undefined): readonly Written[] {
  if (to === undefined || to === incident.severity) return [];
  return [{ type: 'severity.changed', from: incident.severity, to }];
}

function resolvedAlready({ id, resolvedAt, events }: Incident): NanoopsError {
  const by = events.findLast(({ type }) => type === 'incident.resolved')?.by ?? 'somebody';
  return new NanoopsError(`${id} is already resolved, by ${by} at ${iso(resolvedAt ?? 0)}`, {
    code: 'AlreadyResolved',
    exitCode: 2,
    details: ['notes, the root cause, the impact and action items can still be added'],
    nextStep: `nanoops incident reopen ${id} "why" takes it up again; nanoops incident postmortem ${id} writes it up`,
  });
}

function nothingToConfirm({ id }: Incident): NanoopsError {
  return new NanoopsError(`nobody has named a root cause of ${id} yet: there is nothing to confirm`, {
    code: 'NothingToConfirm',
    exitCode: 2,
    nextStep: `nanoops incident update ${id} --root-cause "…" --confirmed`,
  });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
