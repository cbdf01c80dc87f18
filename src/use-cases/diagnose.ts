/** Runs a diagnosing runbook on a session and gives the run document. */
import { inspect } from 'node:util';
import type { RegionalStack, Stack } from '../cloud/stack.ts';
import type { Config } from '../config/schema.ts';
import { thresholdDefinitions } from '../config/thresholds.ts';
import { run, type RunResult } from '../engine/run.ts';
import { callsOf } from '../engine/runbook.ts';
import { NanoopsError } from '../errors.ts';
import type { RunDocument } from '../report/schemas.ts';
import type { DiagnosisConclusion, DiagnosisRunbook, RunbookSettings } from '../runbooks/kit.ts';
import { exitCodes } from './exit-codes.ts';
import { newRunId } from './run-id.ts';
import type { Session } from './session.ts';

const minuteMs = 60_000;
/** What is looked at when nobody says: enough for an incident and a normal period before it. */
const lookbackMs = 180 * minuteMs;
/** With a given onset, this much before it is the normal period. */
const leadMs = 120 * minuteMs;
/** CloudWatch keeps minutes for 15 days (Amazon CloudWatch User Guide, "Metrics retention"). */
const longestMs = 15 * 24 * 60 * minuteMs;

export interface DiagnoseOptions {
  readonly runbook: DiagnosisRunbook;
  readonly mode: 'observe' | 'dry-run';
  /** The region to look at; the primary one when absent. */
  readonly region?: string;
  /** Epoch milliseconds. */
  readonly since?: number;
  readonly until?: number;
  readonly timeoutMs?: number;
}

export async function diagnose(session: Session, options: DiagnoseOptions): Promise<RunDocument> {
  const { cloud, clock, config, random, signal, stack } = session;
  const settings: RunbookSettings = {
    site: siteOf(stack, options.region),
    service: stack.service,
    awsOptions: session.awsOptions,
    ...spanOf(clock.now(), options),
    objectives: {
      apiLatencyP99: latencyThreshold(config, 'api-latency-p99'),
      apiLatencyP95: latencyThreshold(config, 'api-latency-p95'),
    },
  };
  await session.verify(settings.site.region);
  cloud.prepare(settings.site.region, callsOf(options.runbook.steps));
  const runId = newRunId(options.runbook.id, clock.now(), random);
  const result = await run({
    runbook: options.runbook,
    runId,
    mode: options.mode,
    environment: stack.environment,
    ports: { facts: cloud.facts },
    settings,
    clock,
    random,
    signal,
    timeoutMs: options.timeoutMs,
    emit: session.emit,
  });
  return documentOf(result, runId, options, session);
}

/** A latency check's threshold in seconds, as the balancer counts; the configuration counts in milliseconds. */
function latencyThreshold(config: Config, id: 'api-latency-p95' | 'api-latency-p99') {
  const { target, alert } = { ...thresholdDefinitions[id], ...config.objectives.checks[id] };
  return { target: target / 1000, alert: alert / 1000 };
}

function siteOf(stack: Stack, region: string | undefined): RegionalStack {
  const sites = [stack.primary, ...(stack.recovery === undefined ? [] : [stack.recovery])];
  const site = region === undefined ? stack.primary : sites.find((each) => each.region === region);
  if (site !== undefined) return site;
  const known = sites.map((each) => each.region).join(', ');
  throw new NanoopsError(`--region ${region}: this stack has no part there`, {
    code: 'UnknownRegion',
    exitCode: 2,
    nextStep: `use one of the configured regions: ${known}`,
  });
}

/** The span to look at, ending at the last minute that CloudWatch has whole. */
function spanOf(nowMs: number, { since, until }: DiagnoseOptions): Pick<RunbookSettings, 'window' | 'since'> {
  if (until !== undefined && until > nowMs) throw badWindow('--until', 'lies in the future');
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

function documentOf(
  result: RunResult<DiagnosisConclusion>,
  runId: string,
  { runbook, mode }: DiagnoseOptions,
  { cloud, stack }: Session,
): RunDocument {
  const byId = new Map(runbook.steps.map((step) => [step.id, step]));
  const { outcome } = result;
  const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
  return {
    schema: 'nanoops/run@1',
    runId,
    runbook: runbook.id,
    mode,
    environment: stack.environment,
    verdict: result.verdict,
    exitCode: exitCodes[result.verdict],
    startedAt: new Date(result.startedAt).toISOString(),
    endedAt: new Date(result.endedAt).toISOString(),
    durationMs: result.endedAt - result.startedAt,
    steps: result.steps.map((step) => ({
      id: step.stepId,
      title: byId.get(step.stepId)?.title ?? step.stepId,
      kind: byId.get(step.stepId)?.kind ?? 'observe',
      status: step.status,
      startedAt: new Date(step.startedAt).toISOString(),
      durationMs: step.durationMs,
      attempts: step.attempts,
      predictedMs: null,
      detail: step.detail,
      ...(step.nextStep === undefined ? {} : { nextStep: step.nextStep }),
    })),
    ...(outcome === undefined
      ? { causes: [], notes: defectNotes(result.defect) }
      : {
          symptom: {
            state: outcome.symptom.state,
            onset: iso(outcome.symptom.onset),
            endedAt: iso(outcome.symptom.endedAt),
            summary: outcome.symptom.summary,
          },
          causes: outcome.causes,
          ...(outcome.escalation === undefined ? {} : { escalation: outcome.escalation }),
          notes: outcome.notes,
        }),
    nextSteps: nextStepsOf(result),
    mutations: [],
    api: cloud.usage(),
  };
}

/** What the steps say to do next, then what the conclusion says, each once. */
function nextStepsOf({ steps, outcome }: RunResult<DiagnosisConclusion>): string[] {
  return [...new Set([...steps.flatMap((step) => step.nextStep ?? []), ...(outcome?.nextSteps ?? [])])];
}

/** A defect of nanoops ends a run; what it was, and where, is what its makers will ask for. */
function defectNotes(defect: unknown): string[] {
  if (defect === undefined) return [];
  const trace = defect instanceof Error ? defect.stack : undefined;
  const where = trace?.split('\n').slice(0, 3).join(' ') ?? inspect(defect);
  return [`a defect of nanoops, which tells nothing about your stack: ${where}`];
}
