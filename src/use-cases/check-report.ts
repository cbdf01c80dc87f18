/** Some checks of one stack, run and reported. Looks, and changes nothing. */
import type { Check } from '../checks/check.ts';
import type { CheckResult } from '../checks/judged.ts';
import type { CheckSettings } from '../checks/kit.ts';
import type { Limit } from '../checks/limits.ts';
import { surveyOf } from '../checks/survey.ts';
import { thresholdCheckIds, thresholdDefinitions, type ThresholdCheckId } from '../config/thresholds.ts';
import type { Config } from '../config/schema.ts';
import { callsOf } from '../engine/runbook.ts';
import { run } from '../engine/run.ts';
import { NanoopsError } from '../errors.ts';
import type { ReportDocument } from '../report/schemas.ts';
import { exitCodes } from './exit-codes.ts';
import { newRunId } from './run-id.ts';
import { sitesOf } from './run-settings.ts';
import type { Session } from './session.ts';

export interface ReportWanted {
  /** As typed: `checklist weekly`. */
  readonly command: string;
  readonly checks: readonly Check[];
  readonly failOn: 'warning' | 'breach';
  readonly region?: string | undefined;
  /** Epoch milliseconds. */
  readonly until?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

const minuteMs = 60_000;
/** How late AWS may be with a minute's data (Amazon CloudWatch User Guide, "Publish custom metrics"). */
const publicationMs = 2 * minuteMs;

/** @throws NanoopsError `UnknownRegion`, `InvalidWindow`, and as opening a session does. */
export async function checkReport(session: Session, wanted: ReportWanted): Promise<ReportDocument> {
  const { clock, random, signal, cloud, stack } = session;
  const { command, checks, failOn } = wanted;
  const settings = checkSettings(session, wanted);
  const survey = surveyOf(command.replaceAll(' ', '-'), checks, failOn);
  await session.verify(settings.site.region);
  const calls = callsOf(survey.steps);
  for (const half of [settings.site, settings.standby]) if (half !== undefined) cloud.prepare(half.region, calls);
  const { outcome, defect, endedAt } = await run({
    runbook: survey,
    runId: newRunId(survey.id, clock.now(), random),
    mode: 'observe',
    environment: stack.environment,
    ports: { facts: cloud.facts, outside: session.outside },
    settings,
    clock,
    random,
    signal,
    timeoutMs: wanted.timeoutMs,
    emit: session.emit,
  });
  if (outcome === undefined) throw defect ?? signal.reason ?? new TypeError('the checks were not concluded');
  return {
    schema: 'nanoops/report@1',
    command,
    environment: stack.environment,
    generatedAt: iso(endedAt),
    verdict: outcome.verdict,
    exitCode: exitCodes[outcome.verdict],
    checks: outcome.results.map(checkOf),
    api: cloud.usage(),
  };
}

function checkSettings(
  { config, stack, awsOptions, clock }: Session,
  { region, until }: Pick<ReportWanted, 'region' | 'until'>,
): CheckSettings {
  const { site, standby } = sitesOf(stack, region);
  const nowMs = clock.now();
  if (until !== undefined && until > nowMs) {
    throw new NanoopsError('--until lies in the future', {
      code: 'InvalidWindow',
      exitCode: 2,
      nextStep: 'give a time that has passed, for example --until 10m, or leave it out',
    });
  }
  const complete = Math.floor((nowMs - publicationMs) / minuteMs) * minuteMs;
  return {
    stack,
    site,
    ...(standby === undefined ? {} : { standby }),
    until: Math.min(until === undefined ? complete : Math.floor(until / minuteMs) * minuteMs, complete),
    limits: limitsOf(config),
    rpoMs: config.objectives.rpo,
    awsOptions,
  };
}

/** What holds where nobody has set anything, and what somebody has. */
export function limitsOf(config?: Config): CheckSettings['limits'] {
  const limits: Partial<Record<ThresholdCheckId, Limit>> = {};
  for (const id of thresholdCheckIds) limits[id] = { ...thresholdDefinitions[id], ...config?.objectives.checks[id] };
  // `thresholdCheckIds` holds every key.
  return limits as Record<ThresholdCheckId, Limit>;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** A result as the document has it. */
export function checkOf(result: CheckResult): ReportDocument['checks'][number] {
  const { observed, ...rest } = result;
  if (observed === undefined) return rest;
  const { atMs, ...measured } = observed;
  return { ...rest, observed: { ...measured, ...(atMs === undefined ? {} : { at: iso(atMs) }) } };
}
