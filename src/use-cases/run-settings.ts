/** What a runbook is told: which half of the stack, which span of time, which thresholds. Plain data. */
import type { RegionalStack, Stack } from '../cloud/stack.ts';
import type { Config } from '../config/schema.ts';
import { thresholdDefinitions } from '../config/thresholds.ts';
import { NanoopsError } from '../errors.ts';
import type { RunbookSettings } from '../runbooks/kit.ts';
import type { OwnOption } from './own-command.ts';

const minuteMs = 60_000;
/** What is looked at when nobody says: enough for an incident and a normal period before it. */
const lookbackMs = 180 * minuteMs;
/** With a given onset, this much before it is the normal period. */
const leadMs = 120 * minuteMs;
/** CloudWatch keeps minutes for 15 days (Amazon CloudWatch User Guide, "Metrics retention"). */
const longestMs = 15 * 24 * 60 * minuteMs;

export interface LookedAt {
  /** The region to look at; the primary one when absent. */
  readonly region?: string;
  /** Epoch milliseconds. */
  readonly since?: number;
  readonly until?: number;
}

export interface SettingsSource {
  readonly config: Config;
  readonly stack: Stack;
  readonly awsOptions: readonly string[];
  readonly ownOptions?: readonly OwnOption[];
}

/** @throws NanoopsError `UnknownRegion`, `InvalidWindow` */
export function runSettings(
  { config, stack, awsOptions, ownOptions = [] }: SettingsSource,
  nowMs: number,
  lookedAt: LookedAt,
  run: Pick<RunbookSettings, 'runId' | 'runbook' | 'move' | 'monitoring'>,
): RunbookSettings {
  return {
    ...run,
    environment: stack.environment,
    site: sitesOf(stack, lookedAt.region).site,
    service: stack.service,
    awsOptions,
    ...(ownOptions.length === 0 ? {} : { ownOptions }),
    lookedAt: nowMs,
    ...spanOf(nowMs, lookedAt),
    objectives: {
      apiLatencyP99: latencyThreshold(config, 'api-latency-p99'),
      apiLatencyP95: latencyThreshold(config, 'api-latency-p95'),
      apiServerErrors: errorThreshold(config),
    },
  };
}

/** A latency check's threshold in seconds, as the balancer counts; the configuration counts in milliseconds. */
function latencyThreshold(config: Config, id: 'api-latency-p95' | 'api-latency-p99') {
  const { target, alert } = { ...thresholdDefinitions[id], ...config.objectives.checks[id] };
  return { target: target / 1000, alert: alert / 1000 };
}

/** As a share of all requests; the configuration counts in per cent. */
function errorThreshold(config: Config) {
  const id = 'api-server-errors';
  const { target, alert } = { ...thresholdDefinitions[id], ...config.objectives.checks[id] };
  return { target: target / 100, alert: alert / 100 };
}

/** The half that is looked at, and the other one: absent where one region alone was asked for. @throws NanoopsError `UnknownRegion` */
export function sitesOf(
  { primary, recovery }: Stack,
  region: string | undefined,
): { readonly site: RegionalStack; readonly standby?: RegionalStack } {
  if (region === undefined) return { site: primary, ...(recovery === undefined ? {} : { standby: recovery }) };
  const sites = [primary, ...(recovery === undefined ? [] : [recovery])];
  const site = sites.find((each) => each.region === region);
  if (site !== undefined) return { site };
  const known = sites.map((each) => each.region).join(', ');
  throw new NanoopsError(`--region ${region}: this stack has no part there`, {
    code: 'UnknownRegion',
    exitCode: 2,
    nextStep: `use one of the configured regions: ${known}`,
  });
}

/** The span to look at, ending at the last minute that CloudWatch has whole. */
function spanOf(nowMs: number, { since, until }: LookedAt): Pick<RunbookSettings, 'window' | 'since'> {
  if (until !== undefined && until > nowMs) throw badWindow('--until', 'lies in the future');
  if (since !== undefined && since > nowMs) throw badWindow('--since', 'lies in the future');
  if (since !== undefined && until !== undefined && since >= until) throw badWindow('--since', 'is not before --until');
  const end = Math.min(until ?? Number.POSITIVE_INFINITY, nowMs - 2 * minuteMs);
  const to = Math.floor(end / minuteMs) * minuteMs;
  if (since === undefined) {
    if (nowMs - to + lookbackMs > longestMs) throw badWindow('--until', tooOld);
    return { window: { from: to - lookbackMs, to } };
  }
  if (since >= to - 3 * minuteMs) throw badWindow('--since', tooLate);
  if (nowMs - since + leadMs > longestMs) throw badWindow('--since', tooOld);
  const from = Math.floor(since / minuteMs) * minuteMs;
  return { window: { from: from - leadMs, to }, since: from };
}

const tooLate =
  'lies less than 3 minutes before the end of the window: too little to look at (metrics are 2 minutes late)';
const tooOld = 'lies more than 15 days back, with the time before it: CloudWatch no longer has that by the minute';

function badWindow(flag: string, problem: string): NanoopsError {
  return new NanoopsError(`${flag} ${problem}`, {
    code: 'InvalidWindow',
    exitCode: 2,
    nextStep:
      'say when the trouble began and ended, for example --since 40m, or --since 2026-11-23T10:00:00Z --until 10m',
  });
}
