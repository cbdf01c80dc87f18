/** What is to watch a stack, against what does: a plan that can be shown and carried out. Looks, and changes nothing. */
import type { MonitoringKind, MonitoringRef, MonitoringResource } from '../cloud/monitoring.ts';
import { planHash } from '../engine/change.ts';
import { NanoopsError } from '../errors.ts';
import { dashboardOf } from '../monitoring/dashboard.ts';
import { desiredMonitoring } from '../monitoring/desired.ts';
import { differenceOf, type MonitoringDifference } from '../monitoring/difference.ts';
import type { MonitoringSettings, NotExpressible, WatchedSite } from '../monitoring/kit.ts';
import { gistOf, kindWords } from '../monitoring/wording.ts';
import type { PlanDocument } from '../report/schemas.ts';
import { changeOf, type MonitoringChange } from '../runbooks/monitoring-changes.ts';
import type { MonitoringPlan } from '../runbooks/monitoring.ts';
import { exitCodes } from './exit-codes.ts';
import {
  lookAtAlerts,
  lookAtDashboard,
  monitoringSettings,
  type LookedMonitoring,
  type LookWanted,
} from './monitoring-look.ts';
import { retyped } from './own-command.ts';
import { reasonOf } from './trace-kit.ts';
import type { Session } from './session.ts';
import { sha256 } from './sha256.ts';

export type Monitored = 'alerts' | 'dashboard';

/** Everything that was found out, before it is told or done. */
interface Planned {
  readonly what: Monitored;
  readonly settings: MonitoringSettings;
  readonly looked: LookedMonitoring;
  readonly differences: readonly { readonly region: string; readonly difference: MonitoringDifference }[];
  readonly changes: readonly MonitoringChange[];
  readonly notExpressible: readonly NotExpressible[];
  /** Regions that could not be looked at. */
  readonly unseen: readonly {
    readonly region: string;
    readonly reason: string;
    readonly nextSteps: readonly string[];
  }[];
}

/** @throws NanoopsError `UnknownRegion`, `NameTooLong`, and as opening a session does. */
export async function planMonitoring(session: Session, what: Monitored, wanted: LookWanted): Promise<Planned> {
  const settings = monitoringSettings(session);
  const looked =
    what === 'alerts'
      ? await lookAtAlerts(session, settings, wanted)
      : await lookAtDashboard(session, settings, wanted);
  const seen = looked.regions.flatMap(({ region, seen: known }) => (known.known ? [{ region, ...known.value }] : []));
  const unseen = looked.regions.flatMap(({ region, seen: known }) => {
    if (known.known) return [];
    const { text, nextSteps } = reasonOf(known);
    return [{ region, reason: text, nextSteps }];
  });
  const desired =
    what === 'alerts'
      ? seen.map(({ site }) => desiredMonitoring(site, settings))
      : unseen.length > 0
        ? []
        : dashboardsIn(
            seen.map(({ site }) => site),
            settings,
            wanted.region ?? session.stack.primary.region,
          );
  const differences = desired.map(({ region, resources }) => {
    const found = seen.find((each) => each.region === region)?.found ?? [];
    return { region, difference: differenceOf(resources, found, settings.tags) };
  });
  const changes = differences.flatMap(({ region, difference }) => {
    const account = seen.find((each) => each.region === region)?.site.account ?? '';
    return difference.changes.map((planned) => changeOf(planned, { account, tags: settings.tags }));
  });
  return {
    what,
    settings,
    looked,
    differences,
    changes,
    notExpressible: desired.flatMap(({ notExpressible }) => notExpressible),
    unseen,
  };
}

function dashboardsIn(sites: readonly WatchedSite[], settings: MonitoringSettings, region: string) {
  const resources: readonly MonitoringResource[] = [dashboardOf(sites, settings, region)];
  return [{ region, resources, notExpressible: [] }];
}

/**
 * The plan to carry out.
 *
 * @throws NanoopsError `NotSeen` where a region could not be looked at, `ForeignResource` where something of somebody
 * else's has a name that is wanted: nothing is changed then.
 */
export function planToApply({ differences, changes, unseen, what, settings }: Planned): MonitoringPlan {
  const [dark] = unseen;
  if (dark !== undefined) {
    throw new NanoopsError(`${dark.region} could not be looked at, so that nothing was changed: ${dark.reason}`, {
      code: 'NotSeen',
      exitCode: 3,
      details: unseen.slice(1).map(({ region, reason }) => `${region}: ${reason}`),
      nextStep: dark.nextSteps[0] ?? `nanoops ${what} apply --region <the other region>`,
    });
  }
  const conflicts = differences.flatMap(({ difference }) => difference.conflicts);
  const [first] = conflicts;
  if (first !== undefined) {
    throw new NanoopsError(
      `the ${kindWords[first.kind]} ${first.name} in ${first.region} is not nanoops' own, and is not taken over: nothing was changed`,
      {
        code: 'ForeignResource',
        exitCode: 5,
        details: [
          ...conflicts.slice(1).map((each) => `so is the ${kindWords[each.kind]} ${each.name} in ${each.region}`),
          'what nanoops makes bears the tags nanoops:managed-by, nanoops:service and nanoops:environment',
        ],
        nextStep: 'delete or rename it, or choose other names: alerts.prefix in nanoops.yaml',
      },
    );
  }
  return {
    changes,
    unchanged: differences.reduce((sum, { difference }) => sum + difference.unchanged.length, 0),
    facts: factsOf(differences),
    prefix: settings.prefix,
  };
}

function factsOf(differences: Planned['differences']): readonly string[] {
  const foreign = differences.flatMap(({ difference }) => difference.foreign);
  return foreign.length === 0
    ? []
    : [`left alone, since others made them: ${foreign.map(({ name, region }) => `${name} in ${region}`).join(', ')}`];
}

export function planDocument(session: Session, planned: Planned, command: string): PlanDocument {
  const { what, settings, looked, differences, changes, notExpressible, unseen } = planned;
  const count = (action: 'create' | 'update' | 'delete'): number =>
    changes.filter(({ input }) => input.action === action).length;
  const all = differences.map(({ difference }) => difference);
  const conflicts = all.flatMap((each) => each.conflicts.map(refDocument));
  const unchanged = all.flatMap((each) => each.unchanged.map(refDocument));
  const foreign = all.flatMap((each) => each.foreign.map(refDocument));
  const counts = {
    create: count('create'),
    update: count('update'),
    delete: count('delete'),
    unchanged: unchanged.length,
    foreign: foreign.length,
  };
  const needsSomebody = changes.length > 0 || conflicts.length > 0;
  const verdict = needsSomebody ? 'attention' : unseen.length > 0 ? 'unknown' : 'ok';
  const plannedChanges = all.flatMap((each) => each.changes);
  const own = (step: string): string => retyped(step, session.ownOptions);
  return {
    schema: 'nanoops/plan@1',
    command,
    environment: session.stack.environment,
    generatedAt: looked.at,
    verdict,
    exitCode: exitCodes[verdict],
    summary: summaryOf(counts, conflicts.length, unseen),
    plan: changes.length === 0 ? null : planHash(changes, sha256),
    prefix: settings.prefix,
    regions: looked.regions.map(({ region, seen }) => ({ region, seen: seen.known })),
    counts,
    changes: changes.map((change, index) => {
      const { action, resource } = change.input;
      return {
        id: `${action} ${resource.kind} ${resource.region} ${resource.name}`,
        action,
        kind: resource.kind,
        region: resource.region,
        name: resource.name,
        operation: change.operation,
        gist: gistOf(resource),
        risk: change.risk === 'irreversible' ? ('irreversible' as const) : ('reversible' as const),
        attributes: (plannedChanges[index]?.attributes ?? []).map((each) => ({ ...each })),
      };
    }),
    conflicts,
    unchanged,
    foreign,
    pending: all.flatMap((each) => each.pending.map(refDocument)),
    notExpressible: notExpressible.map((each) => ({ ...each, watchedBy: own(each.watchedBy) })),
    notes: [...unseen.map(({ region, reason }) => `${region} could not be looked at: ${reason}`), ...notesOf(planned)],
    nextSteps: [
      ...unseen.flatMap(({ nextSteps }) => nextSteps),
      ...(conflicts.length > 0 ? ['delete or rename what is in the way, or set alerts.prefix in nanoops.yaml'] : []),
      ...(changes.length > 0 && conflicts.length === 0 && unseen.length === 0 ? [`nanoops ${what} apply`] : []),
    ].map(own),
    api: looked.api,
  };
}

function refDocument({ kind, region, name }: MonitoringRef): {
  readonly kind: MonitoringKind;
  readonly region: string;
  readonly name: string;
} {
  return { kind, region, name };
}

function notesOf({ what, settings, differences }: Planned): readonly string[] {
  if (what !== 'alerts') return [];
  const { critical, warning } = settings.receivers;
  const subscribed = (topic: string): boolean =>
    differences.some(({ difference }) =>
      [...difference.unchanged, ...difference.foreign].some(
        ({ kind, name }) => kind === 'subscription' && name.startsWith(`${settings.prefix}-${topic} `),
      ),
    );
  const isNobody = (topic: 'critical' | 'warning', { email, sms }: typeof critical): boolean =>
    email.length + sms.length === 0 && !subscribed(topic);
  const empty = [
    ...(isNobody('critical', critical) ? ['critical'] : []),
    ...(isNobody('warning', warning) ? ['warning'] : []),
  ];
  const pending = differences.flatMap(({ difference }) => difference.pending);
  return [
    ...(empty.length === 0
      ? []
      : [
          `nobody subscribes to the ${empty.length === 1 ? 'topic' : 'topics'} ${empty.map((name) => `${settings.prefix}-${name}`).join(' and ')}: name e-mail addresses or telephone numbers in nanoops.yaml (${empty.map((name) => `alerts.${name}`).join(', ')})`,
        ]),
    ...(pending.length === 0
      ? []
      : [
          `not wanted any more, and waiting for an answer that nobody gave: ${pending.map(({ name }) => name).join(', ')}; SNS drops what nobody agrees to by itself`,
        ]),
  ];
}

function summaryOf(
  { create, update, delete: gone, unchanged, foreign }: PlanDocument['counts'],
  conflicts: number,
  unseen: Planned['unseen'],
): string {
  const parts = [
    ...(create + update + gone === 0 ? [] : [`${create} to create, ${update} to update, ${gone} to delete`]),
    ...(conflicts === 0 ? [] : [`${conflicts} in the way that ${conflicts === 1 ? 'is' : 'are'} somebody else’s`]),
    ...(unseen.length === 0 ? [] : [`${unseen.map(({ region }) => region).join(' and ')} could not be looked at`]),
  ];
  const rest = `${unchanged} unchanged${foreign === 0 ? '' : `, ${foreign} of others left alone`}`;
  return parts.length === 0 ? `nothing to change: ${rest}` : `${parts.join('; ')}; ${rest}`;
}
