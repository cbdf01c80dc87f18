/** Some checks of one stack, run and reported. Looks, and changes nothing. */
import type { AnyCheck, Answer } from '../checks/check.ts';
import type { CheckResult } from '../checks/judged.ts';
import type { CheckSettings, OwnCheckPorts } from '../checks/kit.ts';
import type { Limit } from '../checks/limits.ts';
import { verdictOf } from '../checks/verdict.ts';
import { surveyOf, type Survey, type SurveyConclusion } from '../checks/survey.ts';
import type { ApiUsage } from '../cloud/cloud.ts';
import { thresholdCheckIds, thresholdDefinitions, type ThresholdCheckId } from '../config/thresholds.ts';
import type { Config } from '../config/schema.ts';
import { StateError } from '../engine/journal-store.ts';
import { callsOf, type Runbook } from '../engine/runbook.ts';
import type { ErrorClass } from '../engine/errors.ts';
import { run, type StepRecord } from '../engine/run.ts';
import { NanoopsError } from '../errors.ts';
import type { ReportDocument } from '../report/schemas.ts';
import { exitCodes } from './exit-codes.ts';
import { lookingUntil, retyped, type OwnOption } from './own-command.ts';
import { newRunId } from './run-id.ts';
import { sitesOf } from './run-settings.ts';
import type { Session } from './session.ts';
import { tuningOf } from './tuning.ts';

export interface ReportWanted {
  /** As typed: `checklist weekly`. */
  readonly command: string;
  readonly checks: readonly AnyCheck[];
  readonly failOn: 'warning' | 'breach';
  readonly region?: string | undefined;
  /** Epoch milliseconds. */
  readonly until?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** The answer in one line, where the command asks a question. */
  readonly answer?: (results: readonly CheckResult[]) => string;
  /** The same, where it takes what was read besides. */
  readonly headline?: Answer;
}

/** One look at all that some checks need. */
export interface Look {
  readonly document: ReportDocument;
  /** Why nothing at all could be looked at, where that is so: then the document tells of no measurement. */
  readonly blind?: StepFailure;
}

/** How a step that looks failed. */
export interface StepFailure {
  readonly errorClass: ErrorClass;
  /** One line. */
  readonly reason: string;
  readonly nextStep?: string;
}

const minuteMs = 60_000;
/** How late AWS may be with a minute's data (Amazon CloudWatch User Guide, "Publish custom metrics"). */
const publicationMs = 2 * minuteMs;

/** @throws NanoopsError `UnknownRegion`, `InvalidWindow`, and as opening a session does. */
export async function checkReport(session: Session, wanted: ReportWanted): Promise<ReportDocument> {
  const look = await checkLooks(session, wanted);
  return (await look(wanted.timeoutMs)).document;
}

/**
 * What is done once (everything that can be wrong without looking, and the credentials), so that one may look as often as
 * one likes, on connections that stay open. Each look has windows of its own, and tells its own calls.
 *
 * @throws NanoopsError as `checkReport` does.
 */
export async function checkLooks(
  session: Session,
  wanted: ReportWanted,
): Promise<(timeoutMs?: number) => Promise<Look>> {
  const { command, checks, failOn, headline } = wanted;
  return looksWith(session, wanted, surveyOf(command.replaceAll(' ', '-'), checks, failOn, headline));
}

/** As `checkLooks`, by a survey that concludes more than what its checks come to. */
export async function looksWith<C extends SurveyConclusion>(
  session: Session,
  wanted: ReportWanted,
  survey: Runbook<C, OwnCheckPorts, CheckSettings>,
): Promise<(timeoutMs?: number) => Promise<Look & { readonly outcome: C }>> {
  const { cloud } = session;
  const { site, standby } = checkSettings(session, wanted);
  await session.verify(site.region);
  const calls = callsOf(survey.steps);
  for (const half of [site, standby]) if (half !== undefined) cloud.prepare(half.region, calls);
  return (timeoutMs) => lookOnce(session, wanted, survey, timeoutMs);
}

async function lookOnce<C extends SurveyConclusion>(
  session: Session,
  wanted: ReportWanted,
  survey: Runbook<C, OwnCheckPorts, CheckSettings>,
  timeoutMs: number | undefined,
): Promise<Look & { readonly outcome: C }> {
  const { clock, random, signal, cloud, stack } = session;
  const kept = await keptBefore(session, wanted);
  const settings = { ...checkSettings(session, wanted), ...(kept === undefined ? {} : { kept }) };
  const before = cloud.usage();
  const { outcome, defect, endedAt, steps } = await run({
    runbook: survey,
    runId: newRunId(survey.id, clock.now(), random),
    mode: 'observe',
    environment: stack.environment,
    ports: {
      facts: cloud.facts,
      outside: session.outside,
      inspection: session.inspection,
      named: session.named,
    },
    settings,
    clock,
    random,
    signal,
    timeoutMs,
    emit: session.emit,
  });
  if (outcome === undefined) throw defect ?? signal.reason ?? new TypeError('the checks were not concluded');
  const results = await keepFor(session, wanted, kept, outcome.results);
  const verdict = results === outcome.results ? outcome.verdict : verdictOf(results, wanted.failOn);
  const ownOptions = lookingUntil(session.ownOptions, wanted.until);
  const summary = outcome.headline ?? wanted.answer?.(results);
  const blind = blindnessOf(steps, survey);
  return {
    outcome,
    document: {
      schema: 'nanoops/report@1',
      command: wanted.command,
      environment: stack.environment,
      generatedAt: iso(endedAt),
      until: iso(settings.until),
      verdict,
      exitCode: exitCodes[verdict],
      ...(summary === undefined ? {} : { summary }),
      checks: results.map((result) => checkOf(result, ownOptions)),
      api: usageSince(before, cloud.usage()),
    },
    ...(blind === undefined ? {} : { blind }),
  };
}

/** What earlier runs kept, where a check wants to know. That it cannot be read is for the check to say. */
async function keptBefore({ kept }: Session, { checks }: ReportWanted): Promise<CheckSettings['kept']> {
  if (kept === undefined || !checks.some(({ keeps }) => keeps === true)) return undefined;
  try {
    return { known: true, value: await kept.load() };
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return { known: false, because: 'unknown', reason: error.message, nextStep: error.details.nextStep };
  }
}

/** Keeps what checks want the next run to know. One of which it cannot be kept is unknown: the next run would not know of it. */
async function keepFor(
  { kept: store }: Session,
  { until }: ReportWanted,
  kept: CheckSettings['kept'],
  results: readonly CheckResult[],
): Promise<readonly CheckResult[]> {
  const keeping = results.filter(({ keep }) => keep !== undefined);
  // Of a time that is over nothing is kept: the next run would be told of a week long past.
  if (store === undefined || kept?.known !== true || keeping.length === 0 || until !== undefined) return results;
  try {
    await store.save({ ...kept.value, ...Object.fromEntries(keeping.map(({ id, keep }) => [id, keep])) });
    return results;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    const { message } = error;
    const { nextStep } = error.details;
    return results.map((result) =>
      result.keep === undefined || result.status === 'breach' || result.status === 'warning'
        ? result
        : { ...result, status: 'unknown', summary: `${result.summary}; ${message}`, nextStep },
    );
  }
}

/** Where no step that looks came to an end, how the first of them failed: with an answer rather than for want of one. */
function blindnessOf(
  steps: readonly StepRecord[],
  { conclusion }: Pick<Survey, 'conclusion'>,
): StepFailure | undefined {
  const looks = steps.filter(({ stepId, status }) => stepId !== conclusion.id && status !== 'skipped');
  if (looks.length === 0 || looks.some(({ status }) => status === 'succeeded')) return undefined;
  const failed = looks.filter(({ errorClass }) => errorClass !== undefined);
  const first = failed.find(({ errorClass }) => errorClass !== 'deadline') ?? failed[0];
  if (first === undefined) return undefined;
  const { errorClass = 'defect', detail, nextStep } = first;
  return { errorClass, reason: detail, ...(nextStep === undefined ? {} : { nextStep }) };
}

/** What was asked since then. */
function usageSince(before: ApiUsage, now: ApiUsage): ApiUsage {
  const byOperation = Object.entries(now.byOperation).flatMap(([name, count]) => {
    const more = count - (before.byOperation[name] ?? 0);
    return more > 0 ? [[name, more] as const] : [];
  });
  return {
    calls: now.calls - before.calls,
    mutations: now.mutations - before.mutations,
    byOperation: Object.fromEntries(byOperation),
  };
}

/** @throws NanoopsError `UnknownRegion`, `InvalidWindow` */
export function checkSettings(
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
    cost: { review: config.cost.review, leastRise: config.cost.leastRise },
    tiers: config.capacity.tiers,
    logging: {
      ...(config.logs?.fields === undefined ? {} : { fields: config.logs.fields }),
      ...(config.logs?.retention === undefined ? {} : { retentionDays: config.logs.retention }),
    },
    awsOptions,
    tuning: tuningOf(config),
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
export function checkOf(
  { observed, keep: _keep, nextStep, ...told }: CheckResult,
  ownOptions: readonly OwnOption[] | undefined,
): ReportDocument['checks'][number] {
  const rest = { ...told, ...(nextStep === undefined ? {} : { nextStep: retyped(nextStep, ownOptions) }) };
  if (observed === undefined) return rest;
  const { atMs, ...measured } = observed;
  return { ...rest, observed: { ...measured, ...(atMs === undefined ? {} : { at: iso(atMs) }) } };
}
