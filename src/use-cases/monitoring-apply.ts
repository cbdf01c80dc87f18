/** Carries a plan out, and tells it as a sheet or a template. */
import type { MonitoringAction } from '../cloud/monitoring.ts';
import { NanoopsError } from '../errors.ts';
import { accountToken, templateOf } from '../monitoring/cloudformation.ts';
import { dashboardOf } from '../monitoring/dashboard.ts';
import { desiredMonitoring } from '../monitoring/desired.ts';
import { kindWords } from '../monitoring/wording.ts';
import type { PlanDocument, RunDocument } from '../report/schemas.ts';
import type { Sheet, SheetDetail } from '../report/sheet.ts';
import { monitoringRunbook } from '../runbooks/monitoring.ts';
import { lookAtSites, monitoringSettings, type LookWanted } from './monitoring-look.ts';
import { planMonitoring, planToApply, type Monitored } from './monitoring-plan.ts';
import { runRunbook } from './run-runbook.ts';
import type { Session } from './session.ts';
import { reasonOf } from './trace-kit.ts';

/** @throws as `planMonitoring` and `planToApply`. */
export async function applyMonitoringPlan(session: Session, what: Monitored, wanted: LookWanted): Promise<RunDocument> {
  // What is looked at beforehand is another run, whose events are nobody's.
  const planned = await planMonitoring({ ...session, emit: () => undefined }, what, wanted);
  const monitoring = planToApply(planned);
  const { region, timeoutMs } = wanted;
  return runRunbook(session, {
    runbook: monitoringRunbook(`${what}-apply`, monitoring),
    mode: 'execute',
    monitoring,
    ...(region === undefined ? {} : { region }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

const signs = { create: '+', update: '~', delete: '-' } as const satisfies Record<MonitoringAction, string>;

export function planSheet(document: PlanDocument): Sheet {
  const { command, environment, verdict, exitCode, generatedAt, summary, prefix } = document;
  const { regions, changes, notExpressible, conflicts } = document;
  return {
    command,
    environment,
    verdict,
    exitCode,
    generatedAt,
    headline: summary,
    tables: [
      ...regions.map(({ region }) => ({
        title: `${region}: in the order in which it is made`,
        columns: [{ title: '' }, { title: 'What' }, { title: `Name: ${prefix}-…` }, { title: 'As' }],
        rows: changes
          .filter((change) => change.region === region)
          .map(({ action, kind, name, gist }) => [signs[action], kindWords[kind], shortName(name, prefix), gist]),
      })),
      {
        title: 'In the way: somebody else’s, never taken over',
        columns: [{ title: 'What' }, { title: 'Region' }, { title: 'Name' }],
        rows: conflicts.map(({ kind, region, name }) => [kindWords[kind], region, name]),
      },
      {
        title: 'Not to be expressed as an alarm',
        columns: [{ title: 'Rule' }, { title: 'Region' }, { title: 'Watched by' }, { title: 'Why' }],
        rows: notExpressible.map(({ id, region, reason, watchedBy }) => [id, region, watchedBy, reason]),
      },
    ],
    details: [...changes.map(detailOf), ...restOf(document)],
    remarks: document.notes,
    nextSteps: document.nextSteps,
    calls: document.api.calls,
  };
}

function shortName(name: string, prefix: string): string {
  return name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : name;
}

function detailOf({ action, kind, name, region, attributes }: PlanDocument['changes'][number]): SheetDetail {
  return {
    title: `${signs[action]} ${kindWords[kind]} ${name} in ${region}`,
    lines: attributes.map(({ name: attribute, before, after }) =>
      before === null
        ? `${attribute}: ${valueText(after)}`
        : `${attribute}: ${valueText(before)} → ${after === null ? 'none' : valueText(after)}`,
    ),
    // What is new is told by its gist; what changes is told in full.
    isMinor: action !== 'update',
  };
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function restOf({ unchanged, foreign }: PlanDocument): readonly SheetDetail[] {
  const listed = (title: string, refs: PlanDocument['unchanged']): readonly SheetDetail[] =>
    refs.length === 0
      ? []
      : [
          {
            title,
            lines: refs.map(({ kind, name, region }) => `${kindWords[kind]} ${name} in ${region}`),
            isMinor: true,
          },
        ];
  return [...listed('Unchanged', unchanged), ...listed('Left alone, since others made them', foreign)];
}

export interface RegionTemplate {
  readonly region: string;
  readonly template: object;
}

/**
 * A template for each region that is asked for; of the dashboard one, for the region that is named or the primary one.
 *
 * @throws NanoopsError `NotSeen` where the names of a region's parts could not be read.
 */
export async function monitoringTemplates(
  session: Session,
  what: Monitored,
  wanted: LookWanted,
): Promise<readonly RegionTemplate[]> {
  const settings = monitoringSettings(session);
  // A dashboard shows both regions, whichever makes it.
  const { regions } = await lookAtSites(session, what === 'dashboard' ? { ...wanted, region: undefined } : wanted);
  const sites = regions.map(({ region, seen }) => {
    if (seen.known) return { ...seen.value.site, account: accountToken };
    const { text, nextSteps } = reasonOf(seen);
    throw new NanoopsError(`what the parts of ${region} are called could not be read: ${text}`, {
      code: 'NotSeen',
      exitCode: 3,
      nextStep: nextSteps[0] ?? `nanoops ${what} export --region <the other region>`,
    });
  });
  const { service, environment, primary } = session.stack;
  const about = `of ${service} (${environment}), as nanoops would make`;
  if (what === 'dashboard') {
    const region = wanted.region ?? primary.region;
    const template = templateOf([dashboardOf(sites, settings, region)], `The dashboard ${about} it`, settings.tags);
    return [{ region, template }];
  }
  return sites.map((site) => {
    const { resources } = desiredMonitoring(site, settings);
    const description = `Alarms, topics and rules ${about} them in ${site.half.region}`;
    return { region: site.half.region, template: templateOf(resources, description, settings.tags) };
  });
}
