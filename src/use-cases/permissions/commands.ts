/** What each command asks of AWS, from what its steps and checks declare. `diagnose` only looks: its runbook acts. */
import { alertChecks, backupChecks, catalogue, logChecks, metricChecks, weeklyChecks } from '../../checks/catalogue.ts';
import type { AnyCheck } from '../../checks/check.ts';
import { sloObservations } from '../../checks/slo/observations.ts';
import { capacityObservations } from '../../checks/weekly/capacity-observations.ts';
import { monitoringReads } from '../../cloud/monitoring.ts';
import { didYouMean } from '../../config/nearest.ts';
import { callsOf, changesOf, lookingPart } from '../../engine/runbook.ts';
import { NanoopsError } from '../../errors.ts';
import { regionReadiness } from '../../runbooks/region-readiness.ts';
import type { AnyRunbook } from '../../runbooks/kit.ts';
import { incidentCalls } from '../incidents/look.ts';
import { logErrorsCalls } from '../log-errors.ts';
import { actionsFor } from '../../iam/actions.ts';
import { isScoped } from '../../iam/resources.ts';
import { modelReads } from '../rehearsal.ts';
import { findRunbook, listRunbooks } from '../runbooks.ts';
import { alertCalls, dashboardCalls, namesCalls } from '../monitoring-look.ts';
import { monitoringChanges } from '../monitoring-operations.ts';
import { slowQueriesCalls } from '../slow-queries.ts';
import { traceListCalls } from '../trace-list.ts';
import { traceMapCalls } from '../trace-map.ts';
import { traceShowCalls } from '../trace-show.ts';
import { tuneChecks } from '../tuning.ts';

/** What a command or a runbook does, in operations. */
export interface Uses {
  readonly look?: readonly string[];
  readonly act?: readonly string[];
  /** Of a team's own runbooks and checks, what nothing is known of that would narrow it down. */
  readonly ownLook?: readonly string[];
  readonly ownAct?: readonly string[];
  /** True where it reads or writes journals, leases or incidents. */
  readonly keeps?: boolean;
  /** True where it creates the table of those. */
  readonly creates?: boolean;
  /** True where it tells receivers of notifications. */
  readonly tells?: boolean;
  /** True where it connects to the database and the cache, whose passwords are references. */
  readonly connects?: boolean;
  /** True where it may write to a bucket that is named on its command line only. */
  readonly publishes?: boolean;
}

const checking = (checks: readonly AnyCheck[]): Uses => ({
  look: checks.flatMap(({ observations }) => callsOf(withNeeds(observations))),
});

/** Steps and all that they need. */
function withNeeds(steps: Parameters<typeof callsOf>[0]): Parameters<typeof callsOf>[0] {
  return steps.flatMap((step) => [step, ...withNeeds(step.needs.map(({ step: needed }) => needed))]);
}

const diagnosing = (runbook: string): Uses => ({ look: callsOf(lookingPart(findRunbook(runbook).steps)) });

const declared = ({ steps, stop }: AnyRunbook) => ({
  look: [...callsOf(steps), ...(stop?.calls ?? [])],
  act: changesOf(steps),
  keeps: true,
  tells: true,
});

/** All that a runbook may do, told to act, or in a dry run. */
export function usesOfRunbook(runbook: AnyRunbook): Uses {
  const { look, ...rest } = declared(runbook);
  return { ...rest, look: [...look, ...modelReads] };
}

/** Of a team's own. What is declared of nanoops' own operations is taken to be about the configured stack, as facts are. */
export function usesOfOwn(runbook: AnyRunbook & { readonly namesItself?: boolean }): Uses {
  const { look, act, ...rest } = declared(runbook);
  const isKnown = (operation: string): boolean =>
    runbook.namesItself !== true && actionsFor([operation]).every(isScoped);
  return {
    ...rest,
    look: [...look.filter(isKnown), ...modelReads],
    act: act.filter(isKnown),
    ownLook: look.filter((operation) => !isKnown(operation)),
    ownAct: act.filter((operation) => !isKnown(operation)),
  };
}

/** What a team's own checks look at. */
export function usesOfOwnChecks(checks: readonly AnyCheck[]): Uses {
  return { ownLook: checking(checks).look ?? [] };
}

const moving = (runbook: string): Uses => usesOfRunbook(findRunbook(runbook));

/** Alarms and dashboards, planned and applied. */
const applying = (look: readonly string[]): Uses => ({
  look: [...look, ...Object.values(monitoringReads).flat()],
  act: monitoringChanges,
  keeps: true,
  tells: true,
});

/** Those of incidents that only look at what is kept. */
const kept: Uses = { keeps: true };
const leading: Uses = { keeps: true, tells: true };
/** With the rule that `--from-alert` names. */
const opening: Uses = { look: [...incidentCalls, ...(checking(alertChecks).look ?? [])], ...leading };

/** By what is typed after `nanoops`. Commands that ask nothing of AWS have no line. */
const commands: Readonly<Record<string, () => Uses>> = {
  status: () => checking(metricChecks),
  slo: () => ({ look: callsOf(withNeeds(sloObservations)) }),
  'alerts check': () => checking(alertChecks),
  'alerts plan': () => ({ look: alertCalls }),
  'alerts apply': () => applying(alertCalls),
  'alerts export': () => ({ look: namesCalls }),
  'dashboard plan': () => ({ look: dashboardCalls }),
  'dashboard apply': () => applying(dashboardCalls),
  'dashboard export': () => ({ look: namesCalls }),
  'checks run': () => checking(catalogue),
  'checklist weekly': () => checking(weeklyChecks),
  'capacity forecast': () => ({ look: callsOf(withNeeds(capacityObservations)) }),
  'logs errors': () => ({ look: logErrorsCalls }),
  'logs slow-queries': () => ({ look: slowQueriesCalls }),
  'logs conformance': () => checking(logChecks),
  'trace list': () => ({ look: traceListCalls }),
  'trace show': () => ({ look: traceShowCalls }),
  'trace map': () => ({ look: traceMapCalls }),
  tune: () => ({ ...checking(tuneChecks), connects: true }),
  'diagnose latency': () => diagnosing('latency'),
  'diagnose database': () => diagnosing('database-unavailable'),
  'diagnose errors': () => diagnosing('errors'),
  'diagnose crash-loop': () => diagnosing('crash-loop'),
  capture: () => ({
    look: ['latency', 'database-unavailable', 'errors', 'crash-loop'].flatMap((id) => diagnosing(id).look ?? []),
  }),
  'backup verify': () => checking(backupChecks),
  'dr readiness': () => ({ look: callsOf(regionReadiness.steps), keeps: true }),
  'dr drill': () => moving('region-drill'),
  'dr failover': () => moving('region-failover'),
  'dr failback': () => moving('region-failback'),
  'dr history': () => kept,
  'dr schedule': () => kept,
  'incident open': () => opening,
  'incident list': () => kept,
  'incident show': () => kept,
  'incident ack': () => leading,
  'incident note': () => leading,
  'incident update': () => leading,
  'incident resolve': () => ({ look: incidentCalls, ...leading }),
  'incident reopen': () => leading,
  'incident publish': () => ({ ...kept, publishes: true }),
  'incident postmortem': () => ({ look: incidentCalls, ...kept }),
  'runs list': () => kept,
  'runs show': () => kept,
  'runs report': () => kept,
  'runs verify': () => kept,
  'locks list': () => kept,
  'locks takeover': () => kept,
  'notify test': () => ({ tells: true }),
  'notify flush': () => ({ tells: true }),
  'state init': () => ({ creates: true }),
};

/** Commands by name, and the nouns that stand for all of theirs. */
export function commandNames(): readonly string[] {
  const names = Object.keys(commands);
  return [...new Set(names.flatMap((name) => [name.split(' ')[0] ?? name, name]))];
}

/**
 * The commands that some words name, each once: `diagnose latency`, or `diagnose` for all of its subcommands.
 *
 * @throws NanoopsError `UnknownCommand`
 */
export function commandsNamed(words: readonly string[]): readonly string[] {
  const names = Object.keys(commands);
  const all = words.flatMap((word) => word.split(' ')).filter((word) => word !== '' && word !== 'nanoops');
  const found: string[] = [];
  for (let index = 0; index < all.length; index += 1) {
    const [first = '', second = ''] = all.slice(index, index + 2);
    const both = `${first} ${second}`;
    const group = names.filter((name) => name === first || name.startsWith(`${first} `));
    if (names.includes(both)) {
      found.push(both);
      index += 1;
    } else if (group.length > 0) {
      found.push(...group);
    } else {
      throw unknownCommand(first);
    }
  }
  return [...new Set(found)];
}

function unknownCommand(word: string): NanoopsError {
  const guess = didYouMean(word, commandNames());
  return new NanoopsError(`no command "${word}" asks anything of AWS`, {
    code: 'UnknownCommand',
    exitCode: 2,
    details: guess === undefined ? [] : [guess],
    nextStep: 'name one as it is typed, for example --command "diagnose latency"; those that ask nothing need nothing',
  });
}

export function usesOfCommand(name: string): Uses {
  return commands[name]?.() ?? {};
}

/** Everything that nanoops can do. */
export function everyUse(): { readonly commands: readonly string[]; readonly runbooks: readonly string[] } {
  return { commands: Object.keys(commands), runbooks: listRunbooks().items.map(({ id }) => id) };
}

/** What is left of it in dry runs: they look, tell nobody, change nothing, and are kept on the machine that they run on. */
export function rehearsed({ act = [], ownAct = [], ...use }: Uses): Uses {
  const isDryRun = act.length + ownAct.length > 0;
  return { ...use, creates: false, tells: false, publishes: false, ...(isDryRun ? { keeps: false } : {}) };
}

/** What several uses come to. */
export function together(uses: readonly Uses[]): Required<Uses> {
  const any = (has: (use: Uses) => boolean | undefined): boolean => uses.some((use) => has(use) === true);
  const all = (of: (use: Uses) => readonly string[] | undefined): readonly string[] => [
    ...new Set(uses.flatMap((use) => of(use) ?? [])),
  ];
  return {
    look: all(({ look }) => look),
    act: all(({ act }) => act),
    ownLook: all(({ ownLook }) => ownLook),
    ownAct: all(({ ownAct }) => ownAct),
    keeps: any(({ keeps }) => keeps),
    creates: any(({ creates }) => creates),
    tells: any(({ tells }) => tells),
    connects: any(({ connects }) => connects),
    publishes: any(({ publishes }) => publishes),
  };
}
