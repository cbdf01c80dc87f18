/**
 * A scenario: what goes wrong, when, and the truth about it, read from YAML. Every fault of a file is reported at once.
 * Times are relative to the start of the simulation; numbers may be ranges, from which the seed draws.
 */
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { NanoopsError } from '../../errors.ts';
import { noise } from '../random.ts';
import { costedServices } from '../world/costs.ts';
import {
  crashes,
  loggingParts,
  productMetrics,
  regionNeeds,
  untracedParts,
  untunedParts,
  type Fault,
  type FaultEffect,
} from '../world/faults.ts';
import { statements, type StatementId } from '../world/workload.ts';

const MINUTE_MS = 60_000;
/** No more digits than can be counted. */
const durationPattern = /^-?\d{1,7}(?:\.\d{1,7})?(?:s|m|h)$/;
const momentPattern = /^(?:onset(?:\s*[+-]\s*\d{1,7}(?:\.\d{1,7})?(?:s|m|h))?|-?\d{1,7}(?:\.\d{1,7})?(?:s|m|h))$/;

const duration = z.string().regex(durationPattern, 'a duration such as 90s, -12m or 1h');
const span = z.union([duration, z.tuple([duration, duration])]);
const moment = z.string().regex(momentPattern, 'a time relative to the start (-12m) or to the onset (onset + 2m)');
const amount = z.union([z.number(), z.tuple([z.number(), z.number()])]);

function isStatement(name: string): name is StatementId {
  return Object.hasOwn(statements, name);
}

const side = z.enum(['primary', 'recovery']).default('recovery');

const sides = z.enum(['primary', 'recovery']);

const lasting = { from: moment, to: moment.optional() };

const when = { from: moment, to: moment.optional(), ramp: duration.default('0s') };

const faultSchema = z.discriminatedUnion('effect', [
  z.strictObject({ effect: z.literal('arrivals'), ...when, factor: amount }),
  z.strictObject({ effect: z.literal('growth'), ...when, factor: amount }),
  z.strictObject({ effect: z.literal('api-cpu'), ...when, factor: amount }),
  z.strictObject({ effect: z.literal('processor-steal'), ...when, share: amount }),
  z.strictObject({ effect: z.literal('memory'), ...when, level: amount, pauseMs: amount, kills: amount }),
  z.strictObject({
    effect: z.literal('statement'),
    ...when,
    statement: z.string().refine(isStatement, `one of ${Object.keys(statements).join(', ')}`),
    factor: amount,
    rowsExamined: amount,
  }),
  z.strictObject({ effect: z.literal('connection-hold'), ...when, share: amount, heldMs: amount }),
  z.strictObject({ effect: z.literal('object-store'), ...when, factor: amount, errorShare: amount }),
  z.strictObject({
    effect: z.literal('cache'),
    ...when,
    hitRatio: amount,
    refillMs: amount,
    restart: z.boolean().default(false),
  }),
  z.strictObject({ effect: z.literal('dependency'), ...when, factor: amount, errorShare: amount.optional() }),
  z.strictObject({
    effect: z.literal('table-locked'),
    ...when,
    statement: z.string().refine(isStatement, `one of ${Object.keys(statements).join(', ')}`),
    share: amount,
  }),
  z.strictObject({ effect: z.literal('targets-closed'), ...when, share: amount }),
  z.strictObject({
    effect: z.literal('zone'),
    ...when,
    zone: z.number().int().min(0).max(2),
    loss: amount,
    connectionErrorShare: amount,
  }),
  z.strictObject({
    effect: z.literal('deployment'),
    ...when,
    waitMs: amount,
    errorShare: amount,
    cpuFactor: amount,
    gradual: z.boolean().default(false),
  }),
  z.strictObject({
    effect: z.literal('crash-loop'),
    ...when,
    of: z.enum(['newest', 'any']),
    crash: z.enum(crashes),
    exitCode: z.number().int().min(1).max(255),
    starts: z.boolean().default(true),
  }),
  z.strictObject({ effect: z.literal('tasks-stopped'), ...when, count: amount }),
  z.strictObject({
    effect: z.literal('api-throttling'),
    ...when,
    share: amount.default(1),
    services: z.array(z.string()).min(1).optional(),
  }),
  z.strictObject({
    effect: z.literal('writer-down'),
    ...when,
    status: z.enum(['available', 'failed']).default('available'),
  }),
  z.strictObject({ effect: z.literal('failover'), from: moment, moveAfterMs: amount.optional() }),
  z.strictObject({ effect: z.literal('failover-fails'), from: moment, times: amount }),
  z.strictObject({ effect: z.literal('readers-deleted'), from: moment }),
  z.strictObject({ effect: z.literal('connections-exhausted'), ...when, held: amount }),
  z.strictObject({ effect: z.literal('stale-writer'), ...when }),
  z.strictObject({ effect: z.literal('bad-credentials'), ...when }),
  z.strictObject({ effect: z.literal('security-group-closed'), ...when }),
  z.strictObject({
    effect: z.literal('parameters-changed'),
    from: moment,
    parameter: z.string().min(1),
    value: z.string().min(1),
    apply: z.enum(['immediate', 'pending-reboot']),
  }),
  z.strictObject({
    effect: z.literal('missing'),
    from: moment,
    to: moment.optional(),
    what: z.enum(regionNeeds),
    region: side,
  }),
  z.strictObject({ effect: z.literal('certificate-expiring'), from: moment, days: amount, region: side }),
  z.strictObject({ effect: z.literal('replication-backlog'), ...when, operations: amount, bytes: amount }),
  z.strictObject({
    effect: z.literal('backup-settings'),
    ...lasting,
    region: sides,
    retentionDays: z.number().int().min(1).max(35).optional(),
    window: z
      .string()
      .regex(/^\d\d:\d\d-\d\d:\d\d$/, 'a window such as 02:00-03:00')
      .optional(),
  }),
  z.strictObject({ effect: z.literal('backups-stopped'), ...lasting, region: sides }),
  z.strictObject({
    effect: z.literal('copies-stopped'),
    ...lasting,
    leaves: z.enum(['none', 'empty']).default('none'),
  }),
  z.strictObject({
    effect: z.literal('bucket-settings'),
    ...lasting,
    region: sides,
    versioning: z.enum(['Suspended', 'never']).optional(),
    archiveAfterDays: z.number().int().min(0).optional(),
    deletesAfterDays: z.number().int().min(1).optional(),
    metrics: z.boolean().optional(),
  }),
  z.strictObject({
    effect: z.literal('table-backup'),
    ...lasting,
    region: sides,
    days: z.number().int().min(0).max(35),
  }),
  z.strictObject({
    effect: z.literal('permission-denied'),
    from: moment,
    to: moment.optional(),
    actions: z
      .array(z.string().regex(/^[a-z0-9*-]+:[A-Za-z0-9*]+$/, 'IAM actions such as rds:FailoverGlobalCluster'))
      .min(1),
  }),
  z.strictObject({ effect: z.literal('client-errors'), ...when, share: amount }),
  z.strictObject({ effect: z.literal('volume'), ...when, share: amount }),
  z.strictObject({ effect: z.literal('replication-slow'), ...when, factor: amount }),
  z.strictObject({ effect: z.literal('product'), ...when, metric: z.enum(productMetrics), factor: amount }),
  z.strictObject({ effect: z.literal('telemetry-gap'), ...when }),
  z.strictObject({ effect: z.literal('region-down'), ...lasting, region: sides }),
  z.strictObject({ effect: z.literal('region-impaired'), ...lasting, region: sides, share: amount }),
  z.strictObject({ effect: z.literal('control-plane-down'), ...lasting, services: z.array(z.string()).min(1) }),
  z.strictObject({ effect: z.literal('writer-cut-off'), ...lasting }),
  z.strictObject({ effect: z.literal('replication-stalled'), ...lasting }),
  z.strictObject({ effect: z.literal('secondary-headless'), from: moment }),
  z.strictObject({ effect: z.literal('engine-version'), from: moment, side: sides, version: z.string().min(1) }),
  z.strictObject({ effect: z.literal('global-failover-stuck'), ...lasting }),
  z.strictObject({ effect: z.literal('recovery-capacity'), from: moment, maxTasks: z.number().int().min(0) }),
  z.strictObject({
    effect: z.literal('logging'),
    ...lasting,
    retentionDays: z.union([z.number().int().min(1), z.literal('never')]).optional(),
    missing: z.array(z.enum(loggingParts)).default([]),
    exports: z.array(z.string()).optional(),
    lacking: z.number().min(0).max(1).default(0),
    untraced: z.array(z.enum(untracedParts)).default([]),
  }),
  z.strictObject({ effect: z.literal('alarm'), ...lasting, name: z.string().min(1), region: sides.optional() }),
  z.strictObject({ effect: z.literal('intrusion'), from: moment, root: amount, denied: amount, failedLogins: amount }),
  z.strictObject({
    effect: z.literal('threat'),
    ...lasting,
    finding: z.string().min(1),
    severity: z.number().min(1).max(10),
    region: sides,
  }),
  z.strictObject({
    effect: z.literal('unwatched'),
    ...lasting,
    detector: z.enum(['absent', 'suspended']),
    region: sides,
  }),
  z.strictObject({ effect: z.literal('service-issue'), ...lasting, service: z.string().min(1), region: sides }),
  z.strictObject({ effect: z.literal('basic-support'), ...lasting }),
  z.strictObject({ effect: z.literal('cost'), ...lasting, service: z.enum(costedServices), factor: amount }),
  z.strictObject({ effect: z.literal('untuned'), from: moment, what: z.array(z.enum(untunedParts)).min(1) }),
]);

const componentRoles = [
  'service',
  'database',
  'cache',
  'bucket',
  'dependency',
  'zone',
  /** The primary region. */
  'region',
  /** The recovery region's own. */
  'recovery-service',
  'recovery-database',
  /** The API's record. */
  'dns',
  'account',
] as const;
export type ComponentRole = (typeof componentRoles)[number];

const schema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case words joined by hyphens'),
  summary: z.string().min(1),
  runbook: z.string().min(1),
  /** When the story begins; faults may refer to it. */
  onset: span.optional(),
  faults: z.array(faultSchema).default([]),
  /** Where the sandbox's own stack is in this story; where it always is when absent. */
  regions: z.strictObject({ primary: z.string().min(1), recovery: z.string().min(1) }).optional(),
  /** The API's record, where it is not as it always is: its TTL in seconds. */
  dns: z.strictObject({ ttl: z.number().int().min(1).optional() }).optional(),
  /** How the primary region's service is scaled: a policy that wants no more than the usual tasks when absent. */
  scaling: z
    .union([
      z.literal('none'),
      z.strictObject({
        min: z.number().int().min(0),
        /** Requests a minute and task that the policy aims at. */
        targetRequests: z.number().positive(),
      }),
    ])
    .optional(),
  truth: z.strictObject({
    cause: z.string().nullable(),
    component: z.enum(componentRoles).nullable(),
    exitCode: z.number().int().min(0).max(130),
  }),
});

export type Scenario = z.infer<typeof schema>;

/** Parses a scenario. Throws a `NanoopsError` (`ScenarioInvalid`) that lists everything wrong with it. */
export function parseScenario(text: string, file: string): Scenario {
  const invalid = (details: readonly string[], cause?: unknown) =>
    new NanoopsError(
      `The scenario in ${file} cannot be used: ${details.length === 1 ? 'a fault' : `${details.length} faults`} in it.`,
      {
        code: 'ScenarioInvalid',
        exitCode: 2,
        details,
        nextStep: 'Correct the file; nothing was simulated.',
        cause,
      },
    );
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 20, logLevel: 'error' });
  } catch (error) {
    // What is nested without end is more than the library reads.
    const isTooDeep = error instanceof Error && error.message.startsWith('Maximum call stack');
    throw invalid(
      [isTooDeep ? 'it is nested too deep' : String(error instanceof YAMLParseError ? error.message : error)],
      error,
    );
  }
  const parsed = schema.safeParse(document, { jitless: true }); // Compiling a parser for one file takes longer than parsing it.;
  if (!parsed.success) {
    throw invalid(
      parsed.error.issues.map((issue) => `${issue.path.map(String).join('.') || '(the whole file)'}: ${issue.message}`),
      parsed.error,
    );
  }
  const dangling = parsed.data.faults.flatMap((each, index) =>
    parsed.data.onset === undefined &&
    [each.from, ('to' in each && each.to) || ''].some((time) => time.startsWith('onset'))
      ? [`faults.${index}: refers to the onset, which the scenario does not set`]
      : [],
  );
  if (dangling.length > 0) throw invalid(dangling);
  return parsed.data;
}

/** Draws the scenario's ranges for a seed and places its faults in time. */
export function resolveFaults(scenario: Scenario, seed: number, startMs: number): readonly Fault[] {
  const onsetMs = scenario.onset === undefined ? 0 : drawSpan(scenario.onset, noise(seed, scenario.id, 'onset'));
  const at = (time: string) => Math.round(startMs + momentMs(time, onsetMs));
  return scenario.faults.map((each, index) => {
    const draw = (name: string, value: Amount) => drawAmount(value, noise(seed, scenario.id, index, name));
    return {
      ...resolveEffect(each, draw),
      from: at(each.from),
      ...('to' in each && each.to !== undefined && { to: at(each.to) }),
      rampMs: 'ramp' in each ? durationMs(each.ramp) : 0,
    };
  });
}

type Amount = z.infer<typeof amount>;
type Draw = (name: string, value: Amount) => number;

function resolveEffect(fault: Scenario['faults'][number], draw: Draw): FaultEffect {
  switch (fault.effect) {
    case 'arrivals':
    case 'growth':
    case 'api-cpu':
    case 'replication-slow':
      return { effect: fault.effect, factor: draw('factor', fault.factor) };
    case 'dependency':
      return {
        effect: fault.effect,
        factor: draw('factor', fault.factor),
        ...(fault.errorShare !== undefined && { errorShare: draw('errorShare', fault.errorShare) }),
      };
    case 'table-locked':
      return { effect: fault.effect, statement: fault.statement, share: draw('share', fault.share) };
    case 'processor-steal':
    case 'client-errors':
    case 'targets-closed':
    case 'volume':
      return { effect: fault.effect, share: draw('share', fault.share) };
    case 'memory':
      return {
        effect: fault.effect,
        level: draw('level', fault.level),
        pauseMs: draw('pauseMs', fault.pauseMs),
        kills: Math.round(draw('kills', fault.kills)),
      };
    case 'statement':
      return {
        effect: fault.effect,
        statement: fault.statement,
        factor: draw('factor', fault.factor),
        rowsExamined: Math.round(draw('rowsExamined', fault.rowsExamined)),
      };
    case 'connection-hold':
      return { effect: fault.effect, share: draw('share', fault.share), heldMs: draw('heldMs', fault.heldMs) };
    case 'object-store':
      return {
        effect: fault.effect,
        factor: draw('factor', fault.factor),
        errorShare: draw('errorShare', fault.errorShare),
      };
    case 'cache':
      return {
        effect: fault.effect,
        hitRatio: draw('hitRatio', fault.hitRatio),
        refillMs: draw('refillMs', fault.refillMs),
        restart: fault.restart,
      };
    case 'zone':
      return {
        effect: fault.effect,
        zone: fault.zone,
        loss: draw('loss', fault.loss),
        connectionErrorShare: draw('connectionErrorShare', fault.connectionErrorShare),
      };
    case 'deployment':
      return {
        effect: fault.effect,
        waitMs: draw('waitMs', fault.waitMs),
        errorShare: draw('errorShare', fault.errorShare),
        cpuFactor: draw('cpuFactor', fault.cpuFactor),
        ...(fault.gradual && { gradual: true }),
      };
    case 'crash-loop':
      return {
        effect: fault.effect,
        of: fault.of,
        crash: fault.crash,
        exitCode: fault.exitCode,
        starts: fault.starts,
      };
    case 'tasks-stopped':
      return { effect: fault.effect, count: Math.round(draw('count', fault.count)) };
    case 'api-throttling':
      return {
        effect: fault.effect,
        share: draw('share', fault.share),
        ...(fault.services !== undefined && { services: fault.services }),
      };
    case 'writer-down':
      return { effect: fault.effect, status: fault.status };
    case 'failover':
      return {
        effect: fault.effect,
        ...(fault.moveAfterMs !== undefined && { moveAfterMs: Math.round(draw('moveAfterMs', fault.moveAfterMs)) }),
      };
    case 'failover-fails':
      return { effect: fault.effect, times: Math.round(draw('times', fault.times)) };
    case 'connections-exhausted':
      return { effect: fault.effect, held: Math.round(draw('held', fault.held)) };
    case 'parameters-changed':
      return { effect: fault.effect, parameter: fault.parameter, value: fault.value, apply: fault.apply };
    case 'missing':
      return { effect: fault.effect, what: fault.what, region: fault.region };
    case 'certificate-expiring':
      return { effect: fault.effect, days: draw('days', fault.days), region: fault.region };
    case 'replication-backlog':
      return {
        effect: fault.effect,
        operations: Math.round(draw('operations', fault.operations)),
        bytes: Math.round(draw('bytes', fault.bytes)),
      };
    case 'backup-settings': {
      const { effect, region, retentionDays, window } = fault;
      return {
        effect,
        region,
        ...(retentionDays !== undefined && { retentionDays }),
        ...(window !== undefined && { window }),
      };
    }
    case 'backups-stopped':
      return { effect: fault.effect, region: fault.region };
    case 'copies-stopped':
      return { effect: fault.effect, leaves: fault.leaves };
    case 'bucket-settings': {
      const { effect, region, versioning, archiveAfterDays, deletesAfterDays, metrics } = fault;
      return {
        effect,
        region,
        ...(versioning !== undefined && { versioning }),
        ...(archiveAfterDays !== undefined && { archiveAfterDays }),
        ...(deletesAfterDays !== undefined && { deletesAfterDays }),
        ...(metrics !== undefined && { metrics }),
      };
    }
    case 'table-backup':
      return { effect: fault.effect, region: fault.region, days: fault.days };
    case 'product':
      return { effect: fault.effect, metric: fault.metric, factor: draw('factor', fault.factor) };
    case 'permission-denied':
      return { effect: fault.effect, actions: fault.actions };
    case 'region-down':
      return { effect: fault.effect, region: fault.region };
    case 'region-impaired':
      return { effect: fault.effect, region: fault.region, share: draw('share', fault.share) };
    case 'control-plane-down':
      return { effect: fault.effect, services: fault.services };
    case 'engine-version':
      return { effect: fault.effect, side: fault.side, version: fault.version };
    case 'untuned':
      return { effect: fault.effect, what: fault.what };
    case 'recovery-capacity':
      return { effect: fault.effect, maxTasks: fault.maxTasks };
    case 'intrusion':
      return {
        effect: fault.effect,
        root: Math.round(draw('root', fault.root)),
        denied: Math.round(draw('denied', fault.denied)),
        failedLogins: Math.round(draw('failedLogins', fault.failedLogins)),
      };
    case 'threat':
      return { effect: fault.effect, finding: fault.finding, severity: fault.severity, region: fault.region };
    case 'unwatched':
      return { effect: fault.effect, detector: fault.detector, region: fault.region };
    case 'service-issue':
      return { effect: fault.effect, service: fault.service, region: fault.region };
    case 'cost':
      return { effect: fault.effect, service: fault.service, factor: draw('factor', fault.factor) };
    case 'logging': {
      const { effect, retentionDays, missing, exports, lacking, untraced } = fault;
      return {
        effect,
        missing,
        lacking,
        untraced,
        ...(retentionDays !== undefined && { retentionDays }),
        ...(exports !== undefined && { exports }),
      };
    }
    case 'alarm':
      return { effect: fault.effect, name: fault.name, ...(fault.region !== undefined && { region: fault.region }) };
    case 'readers-deleted':
    case 'stale-writer':
    case 'bad-credentials':
    case 'security-group-closed':
    case 'telemetry-gap':
    case 'writer-cut-off':
    case 'replication-stalled':
    case 'secondary-headless':
    case 'global-failover-stuck':
    case 'basic-support':
      return { effect: fault.effect };
  }
}

function drawAmount(value: Amount, share: number): number {
  return typeof value === 'number' ? value : value[0] + (value[1] - value[0]) * share;
}

function drawSpan(value: z.infer<typeof span>, share: number): number {
  if (typeof value === 'string') return durationMs(value);
  const from = durationMs(value[0]);
  return from + (durationMs(value[1]) - from) * share;
}

function momentMs(text: string, onsetMs: number): number {
  if (!text.startsWith('onset')) return durationMs(text);
  const rest = text.slice('onset'.length).replaceAll(/\s+/g, '');
  return onsetMs + (rest === '' ? 0 : durationMs(rest.replace(/^\+/, '')));
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: MINUTE_MS, h: 60 * MINUTE_MS };

function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * (unitMs[text.slice(-1)] ?? Number.NaN);
}
