/**
 * A run as JUnit: a test case for every step, and one for what the run came to, so that a named cause or a missed objective
 * fails the suite though every step succeeded. The suite fails, or has errors, exactly where the program does not exit with 0.
 */
import { confidenceText } from '../cloud/quantity.ts';
import { changeTally } from './change-text.ts';
import { junitXml, type TestCase, type TestOutcome } from './junit.ts';
import { objectiveText, objectiveViews, stateText } from './objective-text.ts';
import type { RunDocument, RunStepDocument } from './schemas.ts';
import { commandsOf, headlineOf, otherStepsOf } from './wording.ts';

type Step = RunDocument['steps'][number];

/** No step's id has a space in it. */
const verdictName = 'run verdict';

/** With an end of line. Of a run that goes on there is the step alone. */
export function runJunit(run: RunDocument | RunStepDocument): string {
  if (run.schema === 'nanoops/run-step@1') return stepJunit(run);
  const { runId, runbook, environment, mode, verdict, exitCode, startedAt, durationMs, api } = run;
  return junitXml({
    name: `nanoops ${runbook} (${environment})`,
    packages: ['nanoops', environment],
    at: startedAt,
    durationMs,
    properties: {
      run: runId,
      runbook,
      environment,
      mode,
      verdict,
      exitCode,
      ...(api.calls === null ? {} : { 'aws-calls': api.calls }),
      ...(api.mutations === null ? {} : { 'aws-changes': api.mutations }),
    },
    cases: [...run.steps.map((step) => stepCase(step, run)), verdictCase(run)],
    lines: [],
  });
}

function stepJunit(run: RunStepDocument): string {
  const { runId, runbook, environment, exitCode, step, left, api } = run;
  return junitXml({
    name: `nanoops ${runbook} (${environment})`,
    packages: ['nanoops', environment],
    ...(typeof step?.startedAt === 'string' ? { at: step.startedAt } : {}),
    durationMs: step?.durationMs ?? 0,
    properties: { ...{ run: runId, runbook, environment, exitCode }, left: left.length, 'aws-calls': api.calls },
    // The run goes on without what the step could not tell.
    cases: step === null ? [] : [stepCase(step, { runbook, verdict: 'ok', suspended: undefined })],
    lines: [],
  });
}

type AboutRun = Pick<RunDocument, 'runbook' | 'verdict' | 'suspended'>;

function stepCase(step: Step, run: AboutRun): TestCase {
  const outcome = stepOutcome(step, run);
  const { id, title, kind, status, detail, durationMs, attempts, basis, nextStep } = step;
  const told = [
    `${title}: ${status}`,
    ...(detail === '' ? [] : [`found     ${detail}`]),
    `kind      ${kind}`,
    ...(attempts > 1 ? [`attempts  ${attempts}`] : []),
    ...(basis === undefined ? [] : [`basis     ${basis}`]),
    ...(nextStep === undefined ? [] : [`next      ${nextStep}`]),
  ];
  const lines = outcome.kind === 'skipped' ? [] : told;
  return { name: id, group: run.runbook, durationMs, outcome, lines };
}

/**
 * What kept a step from succeeding counts unless the run came to a good end without it. In a run that waits, what comes
 * after is no error either: it has not been tried.
 */
function stepOutcome({ title, status, detail }: Step, { verdict, suspended }: AboutRun): TestOutcome {
  const message = `${title}: ${detail === '' ? status : detail}`;
  switch (status) {
    case 'succeeded':
    case 'planned':
      return { kind: 'passed' };
    case 'skipped':
    case 'suspended':
      return { kind: 'skipped', message };
    case 'rolled-back':
      return { kind: 'skipped', message: `${message} (put back)` };
    case 'blocked':
      if (verdict === 'ok' || suspended !== undefined) return { kind: 'skipped', message };
      return { kind: 'error', type: status, message };
    case 'unknown':
      if (verdict === 'ok') return { kind: 'skipped', message: `${message} (unknown; the run did without)` };
      return { kind: 'error', type: status, message };
    case 'failed':
      if (verdict === 'ok') return { kind: 'skipped', message: `${message} (failed; the run did without)` };
      return { kind: 'failure', type: status, message };
  }
}

function verdictCase(run: RunDocument): TestCase {
  const { text } = headlineOf(run);
  return {
    name: verdictName,
    group: run.runbook,
    durationMs: 0,
    outcome: verdictOutcome(run.verdict, text),
    lines: [text, ...verdictLines(run)],
  };
}

function verdictOutcome(verdict: RunDocument['verdict'], message: string): TestOutcome {
  switch (verdict) {
    case 'ok':
      return { kind: 'passed' };
    case 'attention':
    case 'failed':
      return { kind: 'failure', type: verdict, message };
    case 'unknown':
    case 'awaiting-approval':
    case 'locked':
    case 'interrupted':
      return { kind: 'error', type: verdict, message };
  }
}

function verdictLines(run: RunDocument): readonly string[] {
  const { symptom, causes, objectives, failback, mutations, notes = [], suspended } = run;
  const back = failback === undefined ? [] : objectiveLines(failback.objectives, run, 'the way back, ');
  return [
    ...(symptom === undefined ? [] : [`symptom   ${symptom.summary}`]),
    ...causes.flatMap(({ rank, cause, component, confidence, summary, remediation }) => [
      `cause ${rank}   ${cause} on ${component} (${confidenceText(confidence)}): ${summary}`,
      ...(remediation === undefined ? [] : [`helps     ${remediation.summary}`]),
      ...(remediation?.command === undefined ? [] : [`next      ${remediation.command}`]),
    ]),
    ...(objectives === undefined ? [] : objectiveLines(objectives, run, '')),
    ...back,
    ...(mutations.length === 0 ? [] : [`changes   ${changeTally(mutations)}`]),
    ...notes.map((note) => `note      ${note}`),
    ...(suspended === undefined ? [] : [`waits     ${suspended.reason}`]),
    ...[...commandsOf(run), ...otherStepsOf(run)].map((step) => `next      ${step}`),
    `run       ${run.runId}`,
  ];
}

function objectiveLines(
  objectives: NonNullable<RunDocument['objectives']>,
  { mode }: RunDocument,
  which: string,
): readonly string[] {
  return objectiveViews(objectives, mode).map(
    (view) => `${view.name.padEnd(8)}  ${which}${objectiveText(view)}: ${stateText(view.state)}`,
  );
}
