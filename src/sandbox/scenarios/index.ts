/** The scenarios that come with nanoops. A new one: its file, and its line in each of the two lists here. */
import { distance } from 'fastest-levenshtein';
import type { Stack } from '../../cloud/stack.ts';
import { NanoopsError } from '../../errors.ts';
import { resolveNames, sandboxStack, sandboxStackIn, type WorldNames } from '../world/names.ts';
import alertsCritical from './alerts-critical.yaml';
import alertsWarning from './alerts-warning.yaml';
import autoscalingUndoes from './autoscaling-undoes.yaml';
import badDeploy from './bad-deploy.yaml';
import backupsMissing from './backups-missing.yaml';
import backupsUnseen from './backups-unseen.yaml';
import backupsWeak from './backups-weak.yaml';
import cacheCold from './cache-cold.yaml';
import budgetBurning from './budget-burning.yaml';
import budgetSpent from './budget-spent.yaml';
import capacityShort from './capacity-short.yaml';
import connectionPoolExhausted from './connection-pool-exhausted.yaml';
import costJump from './cost-jump.yaml';
import cpuSaturated from './cpu-saturated.yaml';
import crashLoop from './crash-loop.yaml';
import crashLoopDeploymentInProgress from './crash-loop-deployment-in-progress.yaml';
import crashLoopWithoutDeployment from './crash-loop-without-deployment.yaml';
import deploymentInProgress from './deployment-in-progress.yaml';
import dnsControlPlaneDown from './dns-control-plane-down.yaml';
import databaseCredentials from './database-credentials.yaml';
import downstreamDependency from './downstream-dependency.yaml';
import failoverFails from './failover-fails.yaml';
import failoverStuck from './failover-stuck.yaml';
import failoverUnderWay from './failover-under-way.yaml';
import growthSteep from './growth-steep.yaml';
import headlessSecondary from './headless-secondary.yaml';
import healthy from './healthy.yaml';
import loadSustained from './load-sustained.yaml';
import loggingNeglected from './logging-neglected.yaml';
import memoryPressure from './memory-pressure.yaml';
import metricsMissing from './metrics-missing.yaml';
import networkAz from './network-az.yaml';
import poolExhaustedNotDatabase from './pool-exhausted-not-database.yaml';
import readOnlyWriter from './read-only-writer.yaml';
import regionDown from './region-down.yaml';
import regionImpaired from './region-impaired.yaml';
import replicationStalled from './replication-stalled.yaml';
import s3Slow from './s3-slow.yaml';
import securityUnseen from './security-unseen.yaml';
import securityGroupChanged from './security-group-changed.yaml';
import scaleOutDoesNotHelp from './scale-out-does-not-help.yaml';
import slowQuery from './slow-query.yaml';
import splitBrainRisk from './split-brain-risk.yaml';
import suspiciousAccess from './suspicious-access.yaml';
import tooManyConnections from './too-many-connections.yaml';
import tasksReplaced from './tasks-replaced.yaml';
import trafficSurge from './traffic-surge.yaml';
import transient from './transient.yaml';
import untuned from './untuned.yaml';
import versionMismatch from './version-mismatch.yaml';
import writerUnreachableNoReader from './writer-unreachable-no-reader.yaml';
import writerUnreachable from './writer-unreachable.yaml';
import earlyWarnings from './early-warnings.yaml';
import outgrown from './outgrown.yaml';
import quietLaunch from './quiet-launch.yaml';
import usersGone from './users-gone.yaml';
import loggingHalfDone from './logging-half-done.yaml';
import logsLost from './logs-lost.yaml';
import securityGaps from './security-gaps.yaml';
import permissionsLost from './permissions-lost.yaml';
import metricsStopped from './metrics-stopped.yaml';
import deployFailing from './deploy-failing.yaml';
import dependencyFailing from './dependency-failing.yaml';
import databaseFailing from './database-failing.yaml';
import storageThrottled from './storage-throttled.yaml';
import targetsUnreachable from './targets-unreachable.yaml';
import errorsCreeping from './errors-creeping.yaml';
import clientErrors from './client-errors.yaml';
import deployCoincides from './deploy-coincides.yaml';
import { parseScenario, type Scenario } from './scenario.ts';

const texts = {
  healthy,
  'cpu-saturated': cpuSaturated,
  'memory-pressure': memoryPressure,
  'slow-query': slowQuery,
  'connection-pool-exhausted': connectionPoolExhausted,
  's3-slow': s3Slow,
  'cache-cold': cacheCold,
  'downstream-dependency': downstreamDependency,
  'network-az': networkAz,
  'traffic-surge': trafficSurge,
  'bad-deploy': badDeploy,
  transient,
  'metrics-missing': metricsMissing,
  'autoscaling-undoes': autoscalingUndoes,
  'deployment-in-progress': deploymentInProgress,
  'scale-out-does-not-help': scaleOutDoesNotHelp,
  'crash-loop': crashLoop,
  'crash-loop-without-deployment': crashLoopWithoutDeployment,
  'crash-loop-deployment-in-progress': crashLoopDeploymentInProgress,
  'tasks-replaced': tasksReplaced,
  'deploy-failing': deployFailing,
  'dependency-failing': dependencyFailing,
  'database-failing': databaseFailing,
  'storage-throttled': storageThrottled,
  'targets-unreachable': targetsUnreachable,
  'errors-creeping': errorsCreeping,
  'deploy-coincides': deployCoincides,
  'client-errors': clientErrors,
  'writer-unreachable': writerUnreachable,
  'writer-unreachable-no-reader': writerUnreachableNoReader,
  'failover-under-way': failoverUnderWay,
  'failover-fails': failoverFails,
  'too-many-connections': tooManyConnections,
  'read-only-writer': readOnlyWriter,
  'database-credentials': databaseCredentials,
  'security-group-changed': securityGroupChanged,
  'pool-exhausted-not-database': poolExhaustedNotDatabase,
  'region-down': regionDown,
  'region-impaired': regionImpaired,
  'replication-stalled': replicationStalled,
  'headless-secondary': headlessSecondary,
  'version-mismatch': versionMismatch,
  'failover-stuck': failoverStuck,
  'dns-control-plane-down': dnsControlPlaneDown,
  'split-brain-risk': splitBrainRisk,
  'capacity-short': capacityShort,
  'growth-steep': growthSteep,
  'load-sustained': loadSustained,
  'suspicious-access': suspiciousAccess,
  'security-unseen': securityUnseen,
  'cost-jump': costJump,
  'backups-missing': backupsMissing,
  'backups-weak': backupsWeak,
  'backups-unseen': backupsUnseen,
  untuned,
  'logging-neglected': loggingNeglected,
  'budget-burning': budgetBurning,
  'budget-spent': budgetSpent,
  'alerts-critical': alertsCritical,
  'alerts-warning': alertsWarning,
  'early-warnings': earlyWarnings,
  outgrown,
  'quiet-launch': quietLaunch,
  'users-gone': usersGone,
  'logging-half-done': loggingHalfDone,
  'logs-lost': logsLost,
  'security-gaps': securityGaps,
  'permissions-lost': permissionsLost,
  'metrics-stopped': metricsStopped,
} as const satisfies Record<string, string>;

export type ScenarioId = keyof typeof texts;

/** To read one takes as long as to simulate a minute or two, and they do not change. */
const parsed = new Map<ScenarioId, Scenario>();

export function isScenarioId(id: string): id is ScenarioId {
  return Object.hasOwn(texts, id);
}

/** In the order in which they are listed. */
function scenarioIds(): readonly ScenarioId[] {
  return Object.keys(texts).filter(isScenarioId);
}

/** The scenario that a mistyped name was most likely meant to be. */
function nearest(id: string): ScenarioId | undefined {
  const words = (text: string): string => text.toLowerCase().replaceAll(/[-_\s]/g, '');
  const wanted = words(id);
  // Longer is no typing error, and comparing takes time that grows with the length.
  if (wanted.length > 100) return undefined;
  const ranked = scenarioIds()
    .map((each) => ({ each, apart: distance(wanted, words(each)) }))
    .toSorted((one, other) => one.apart - other.apart);
  const best = ranked[0];
  return best !== undefined && best.apart <= Math.max(1, Math.floor(best.each.length / 3)) ? best.each : undefined;
}

/** Throws a `NanoopsError` (`UnknownScenario`) for a name that is none. */
export function loadScenario(id: string): Scenario {
  if (!isScenarioId(id)) {
    const meant = nearest(id);
    throw new NanoopsError(`There is no scenario "${id}".`, {
      code: 'UnknownScenario',
      exitCode: 2,
      details: [...(meant === undefined ? [] : [`did you mean "${meant}"?`]), `Scenarios: ${scenarioIds().join(', ')}`],
      nextStep: 'List them with: nanoops sandbox list',
    });
  }
  const known = parsed.get(id);
  if (known !== undefined) return known;
  const scenario = parseScenario(texts[id], `${id}.yaml`);
  parsed.set(id, scenario);
  return scenario;
}

export interface ScenarioSummary {
  readonly id: ScenarioId;
  readonly summary: string;
  readonly runbook: string;
  readonly truth: Truth;
}

/** Every scenario, with its truth in the names of the sandbox's own stack. */
export function listScenarios(): readonly ScenarioSummary[] {
  return scenarioIds().map((id) => {
    const scenario = loadScenario(id);
    const names = resolveNames(stackFor(scenario));
    return { id, summary: scenario.summary, runbook: scenario.runbook, truth: resolveTruth(scenario, names) };
  });
}

/** The sandbox's own stack, where the scenario has it. */
export function stackFor({ regions }: Scenario): Stack {
  return regions === undefined ? sandboxStack : sandboxStackIn(regions);
}

/** What is true in a scenario, in the names of a world. */
export interface Truth {
  readonly cause: string | null;
  readonly component: string | null;
  readonly exitCode: number;
}

export function resolveTruth(scenario: Scenario, names: WorldNames): Truth {
  const { cause, component, exitCode } = scenario.truth;
  return { cause, component: component === null ? null : componentName(scenario, component, names), exitCode };
}

function componentName(
  scenario: Scenario,
  role: NonNullable<Scenario['truth']['component']>,
  names: WorldNames,
): string {
  switch (role) {
    case 'service':
      return names.primary.service;
    case 'database':
      return names.primary.databaseCluster;
    case 'cache':
      return names.primary.cache;
    case 'bucket':
      return names.primary.bucket;
    case 'region':
      return names.primary.region;
    case 'recovery-service':
      return names.recovery.service;
    case 'recovery-database':
      return names.recovery.databaseCluster;
    case 'dns':
      return names.record;
    case 'account':
      return names.account;
    case 'dependency':
      return names.dependencyHost;
    case 'zone': {
      const fault = scenario.faults.find((each) => each.effect === 'zone');
      const index = typeof fault?.zone === 'number' ? fault.zone : 0;
      return `${names.primary.region}${'abc'[index] ?? 'a'}`;
    }
  }
}
