/**
 * From a team's runbook in YAML to a runbook like any other. Steps stand one after the other, looks that stand together beside
 * each other. Every act becomes three steps, as built-in ones have them: a plan, a question, the change.
 */
import type {
  ActStep,
  AskStep,
  FileStep,
  LookStep,
  NotifyStep,
  PolledStep,
  RunbookFile,
} from '../config/own/runbook-file.ts';
import { runbook as built } from '../engine/runbook.ts';
import type { Plain, PlainRecord } from '../engine/plain.ts';
import { settled, type Polled, type Settled } from '../engine/step.ts';
import { notify, type AnyRunbook, type RunbookSettings } from '../runbooks/kit.ts';
import { applyDeed, checkWritten, deedText, lookAtDeed, plannedChange, reverseDeed, type DeedInput } from './deeds.ts';
import { evaluate, ExpressionError, filledExpression, filledWord, holds, textOf } from './expressions.ts';
import { act, approve, decide, manual, observe, verifyMeasured, waitMeasured } from './kit.ts';
import { answerTo, bounded, callsOfSource, lookOf } from './looking.ts';
import { conclude, type RunbookStep } from './runbook.ts';
import { idOf, valueName } from './steps.ts';
import type { Change } from '../engine/change.ts';

/** What a look yields. */
interface Found {
  readonly value: Plain;
  /** Whether it is as expected. */
  readonly met: boolean;
  /** What was found, for people. */
  readonly said: string;
}

type Need = { readonly settled: RunbookStep };
type Ended = Readonly<Record<string, Settled<unknown>>>;

const everyMs = 15_000;
/** For a look, retries included, beside the time that its program is given. */
const observeWithinMs = 60_000;

export function runbookOfFile(
  id: string,
  { title, summary, scenarios, locks = [], steps, conclude: end = {} }: RunbookFile,
): AnyRunbook {
  const made: RunbookStep[] = [];
  const looks = new Map<string, RunbookStep>();
  /** What the next step comes after: the looks that stand together, or the one step before. */
  let before: readonly RunbookStep[] = [];
  let beside: RunbookStep[] = [];
  let lastAct: RunbookStep | undefined;
  for (const step of steps) {
    if ('look' in step) {
      const own = lookStep(
        step,
        needsOf(
          [...looks.values()].filter((each) => !beside.includes(each)),
          before,
        ),
        isNamed(step.look, [steps.filter((each) => each !== step), end]),
      );
      made.push(own);
      beside.push(own);
      looks.set(step.look, own);
      continue;
    }
    const after = beside.length > 0 ? beside : before;
    const acted = lastAct === undefined ? [] : [lastAct];
    const own = stepOf(step, needsOf([...looks.values(), ...acted], after), lastAct?.id);
    made.push(...own);
    before = own.slice(-1);
    if ('act' in step) [lastAct] = before;
    beside = [];
  }
  const asked = steps.flatMap((step) => ('approve' in step ? [step.approve] : []));
  const conclusion = conclude('conclusion', {
    // The agreement to an act is its own matter.
    needs: needsOf(
      made.filter((step) => step.kind !== 'approve' || asked.includes(step.id)),
      [],
    ),
    run: (ended, { settings }) => finding(steps, ended, end, settings),
  });
  const graph = built({
    id,
    title,
    summary,
    // Which steps there are is known when the file is read and not before: the engine checks what the compiler cannot.
    steps: [...made, conclusion] as never,
    conclusion,
    // A gap in a name would be another lock than the one that others hold.
    resources: (settings) => locks.map((each) => filledWord(each, stackData(settings))),
  });
  return { ...graph, ...(scenarios === undefined ? {} : { scenarios }) };
}

function needsOf(looks: readonly RunbookStep[], after: readonly RunbookStep[]): Readonly<Record<string, Need>> {
  return Object.fromEntries([...looks, ...after].map((step) => [step.id, settled(step)]));
}

function stackData({ site, service, environment }: RunbookSettings): PlainRecord {
  return { stack: { ...site, service, environment } as unknown as PlainRecord };
}

/** What expressions may name: the stack, and what the looks before found. */
function dataOf(ended: Ended, settings: RunbookSettings): PlainRecord {
  const found = Object.entries(ended).flatMap(([id, end]) => {
    if (!end.known || !isFound(end.value)) return [];
    return [[id, end.value.value] as const, [valueName(id), end.value.value] as const];
  });
  return { ...stackData(settings), ...Object.fromEntries(found) };
}

function isFound(value: unknown): value is Found {
  return typeof value === 'object' && value !== null && 'met' in value && 'said' in value && 'value' in value;
}

/** Nobody is asked and nothing changed on the strength of what is not known. */
function unlessKnown(ended: Ended): string | undefined {
  const [first] = Object.entries(ended).find(([, end]) => !end.known && end.because === 'unknown') ?? [];
  return first === undefined ? undefined : `"${first}" is not known`;
}

/**
 * True where something in the file may name what a look found. Where nothing does, its answer is judged and let go: a task
 * definition's variables have no business in a journal.
 */
function isNamed(id: string, elsewhere: unknown): boolean {
  const text = JSON.stringify(elsewhere);
  return [id, valueName(id)].some((name) => text.includes(name));
}

function lookStep(step: LookStep, needs: Readonly<Record<string, Need>>, isUsed: boolean): RunbookStep {
  const { look: id, title = id, keep, expect, say } = step;
  return observe(id, {
    title,
    needs,
    calls: callsOfSource(step),
    timeoutMs: (step.within ?? 0) + observeWithinMs,
    skip: (ended: Ended) => unlessKnown(ended),
    run: async (ended: Ended, { ports, settings, signal }): Promise<Found> => {
      const answer = await answerTo(lookOf(step, dataOf(ended, settings), settings), ports.named, signal);
      // A program that fails and an address that does not answer are not as expected, where nobody says otherwise.
      const met = expect === undefined ? step.call !== undefined || holds('ok', answer) : holds(expect, answer);
      const said = say === undefined ? defaultText(answer, met, expect) : textOf(say, answer);
      const value = keep === undefined ? (isUsed ? answer : null) : evaluate(keep, answer);
      return { value: bounded(value, id), met, said };
    },
    detail: ({ said }) => said,
  });
}

function defaultText(answer: Plain, met: boolean, expect: string | undefined): string {
  const detail = evaluate('detail', answer);
  if (typeof detail === 'string') return detail;
  if (expect === undefined) return 'answered';
  return met ? `as expected: ${expect}` : `not as expected: ${expect}`;
}

/** `lastAct`: the id of the act before it. */
function stepOf(
  step: Exclude<FileStep, LookStep>,
  needs: Readonly<Record<string, Need>>,
  lastAct: string | undefined,
): readonly RunbookStep[] {
  if ('act' in step) return actSteps(step, needs);
  if ('wait' in step || 'verify' in step) return [polledStep(step, needs, lastAct)];
  if ('notify' in step) return [notifyStep(step, needs)];
  return [askStep(step, needs)];
}

function askStep(step: AskStep, needs: Readonly<Record<string, Need>>): RunbookStep {
  const id = idOf(step);
  const { title = id, question, facts = [] } = step;
  return ('approve' in step ? approve : manual)(id, {
    title,
    needs,
    skip: (ended: Ended) => unlessKnown(ended),
    ask: (ended: Ended, settings) => {
      const data = dataOf(ended, settings);
      return { question: filledWord(question, data), facts: facts.map((fact) => textOf(fact, data)) };
    },
  });
}

function notifyStep(step: NotifyStep, needs: Readonly<Record<string, Need>>): RunbookStep {
  const { notify: id, title = id, severity = 'info', message, lines = [] } = step;
  return notify(id, {
    title,
    needs,
    message: (ended: Ended, settings) => {
      const data = dataOf(ended, settings);
      return { severity, title: textOf(message, data), lines: lines.map((each) => textOf(each, data)) };
    },
  });
}

type Plan = { readonly reason: string; readonly isUnknown?: boolean } | { readonly change: Change<DeedInput> };

function actSteps(step: ActStep, needs: Readonly<Record<string, Need>>): readonly RunbookStep[] {
  const { act: id, title = id, call, undo, onlyIf, effect } = step;
  const plan = decide(`plan-${id}`, {
    title: `Plan: ${title}`,
    needs,
    skip: (ended: Ended) => unlessKnown(ended),
    run: (ended: Ended, { settings }): Plan => {
      const data = dataOf(ended, settings);
      try {
        if (onlyIf !== undefined && !holds(onlyIf, data)) return { reason: `not needed: ${onlyIf} does not hold` };
        return { change: plannedChange(step, data, settings) };
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
        return { reason: error.message, isUnknown: true };
      }
    },
    isUnknown: (planned) => isUnknownPlan(planned),
    detail: (planned) =>
      'change' in planned
        ? [`${planned.change.resource}: ${planned.change.summary}`, ...factsOf(planned.change.input)].join('; ')
        : planned.reason,
  });
  const consent = approve(`approve-${id}`, {
    title: `Agree: ${title}`,
    needs: { plan },
    skip: ({ plan: planned }) => ('change' in planned ? undefined : planned.reason),
    ask: ({ plan: planned }) => ({
      question: 'change' in planned ? (planned.change.input.question ?? `${planned.change.summary}?`) : '',
      facts: 'change' in planned ? factsOf(planned.change.input) : [],
      changes: 'change' in planned ? [planned.change] : [],
    }),
  });
  const deed = act(id, {
    title,
    needs: { plan },
    approval: consent,
    calls: callsOfSource(effect),
    changes: [call, typeof undo === 'object' ? undo.call : undefined].flatMap((each) => callsOfSource({ call: each })),
    change: ({ plan: planned }) => {
      if ('change' in planned) return planned.change;
      throw new TypeError(`step "${id}" ran although there is nothing to change`);
    },
    look: async (change, context) => {
      checkWritten(change, step);
      return lookAtDeed(change, context);
    },
    apply: async (change, context) => {
      checkWritten(change, step);
      return applyDeed(change, context);
    },
    // A program that was started may still run.
    isOnce: (change) => change.input.deed.command !== undefined,
    ...(typeof undo === 'object' ? { reverse: reverseDeed } : {}),
  });
  return [plan, consent, deed];
}

/** The request itself: what its author says of it may be wrong. */
function factsOf({ deed, undo }: DeedInput): readonly string[] {
  const back = undo === undefined ? [] : [`puts it back: ${deedText(undo)}`];
  return [`${deed.call === undefined ? 'starts' : 'sends'} ${deedText(deed)}`, ...back];
}

function polledStep(step: PolledStep, needs: Readonly<Record<string, Need>>, lastAct: string | undefined): RunbookStep {
  const id = idOf(step);
  const { title = id, until, failed, say } = step;
  const options = {
    title,
    needs,
    calls: callsOfSource(step),
    withinMs: step.for,
    everyMs: step.every ?? everyMs,
    skip: (ended: Ended) => unlessKnown(ended) ?? unlessDone(lastAct === undefined ? undefined : ended[lastAct]),
    poll: async (
      ended: Ended,
      { ports, settings, signal }: Parameters<Parameters<typeof observe>[1]['run']>[1],
    ): Promise<Polled<Sight>> => {
      const data = dataOf(ended, settings);
      const answer = await answerTo(lookOf(step, data, settings), ports.named, signal);
      const isReached = holds(filledExpression(until, data), answer);
      const detail = say === undefined ? defaultText(answer, isReached, until) : textOf(say, answer);
      if (isReached) return { state: 'reached', output: 'seen', detail };
      return {
        state: failed !== undefined && holds(filledExpression(failed, data), answer) ? 'failed' : 'waiting',
        detail,
      };
    },
    assume: (): { output: Sight; detail: string } => ({ output: 'assumed', detail: `assumed: ${until}` }),
  };
  return 'wait' in step ? waitMeasured(id, options) : verifyMeasured(id, options);
}

/** How it was known that something came true: in a dry run nobody sees it. */
type Sight = 'seen' | 'assumed';

function isUnknownPlan(planned: unknown): boolean {
  return typeof planned === 'object' && planned !== null && 'isUnknown' in planned && planned.isUnknown === true;
}

/** What nobody changed is not waited for. `end`: of the act before it. */
function unlessDone(end: Settled<unknown> | undefined): string | undefined {
  return end !== undefined && !end.known && end.because === 'skipped' ? 'nothing was changed before it' : undefined;
}

function finding(
  steps: RunbookFile['steps'],
  ended: Ended,
  { attention, say }: NonNullable<RunbookFile['conclude']>,
  settings: RunbookSettings,
) {
  const looked = steps.flatMap((step) => ('look' in step ? [step.look] : []));
  const acted = steps.flatMap((step) => ('act' in step ? [step] : []));
  const polled = steps.flatMap((step) => ('verify' in step ? [step.verify] : 'wait' in step ? [step.wait] : []));
  const asked = steps.flatMap((step) => ('approve' in step ? [step.approve] : 'manual' in step ? [step.manual] : []));
  const unknown = [
    ...looked.filter((id) => ended[id]?.known !== true),
    ...asked.filter((id) => isUnseen(ended[id])),
    ...polled.filter((id) => isUnseen(ended[id])),
    ...acted.map((step) => `plan-${step.act}`).filter((id) => isUnknownPlan(valueOf(ended[id]))),
  ];
  const data = dataOf(ended, settings);
  const summaryOr = (text: string): string => (say === undefined || unknown.length > 0 ? text : textOf(say, data));
  if (unknown.length > 0) {
    return { verdict: 'unknown' as const, summary: `not known: ${unknown.join(', ')}` };
  }
  const unmet = looked.filter((id) => !isAsExpected(ended[id]));
  let isDue = false;
  try {
    isDue = attention !== undefined && holds(attention, data);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { verdict: 'unknown' as const, summary: error.message };
  }
  const made = acted.filter((step) => ended[step.act]?.known === true);
  const done = made.filter((step) => isMade(valueOf(ended[step.act])));
  const notSent = made.filter((step) => !done.includes(step));
  const underWay = notSent.filter((step) => isUnderWay(valueOf(ended[step.act])));
  const wasSo = namesOf(notSent.filter((step) => !underWay.includes(step)));
  const sights = new Set(steps.flatMap((step) => ('verify' in step ? [valueOf(ended[step.verify])] : [])));
  const isVerified = sights.has('seen');
  if (underWay.length > 0 && !isVerified && !sights.has('assumed')) {
    // Somebody else began it, or something that looks like it.
    const also = done.length === 0 ? '' : `; done: ${namesOf(done)}`;
    const summary = `${namesOf(underWay)}: under way before this run, which sent nothing; its end was not looked at${also}`;
    return { verdict: 'attention' as const, summary: summaryOr(summary), outcome: { helped: false, summary } };
  }
  if (done.length === 0 && unmet.length === 0 && !isDue) {
    return {
      verdict: 'ok' as const,
      summary: summaryOr(unchangedText(wasSo, namesOf(underWay))),
    };
  }
  const names = namesOf(done);
  if (done.length > 0 && !isDue && isVerified) {
    // A check that did not hold would have ended the run.
    const outcome = { helped: true, summary: `done, and seen to be so: ${names}` };
    return { verdict: 'ok' as const, summary: summaryOr(`done: ${names}`), outcome };
  }
  if (done.length > 0 && !isDue && sights.has('assumed')) {
    // What is called by name has no model, so that nothing of it was seen.
    const outcome = { helped: false, summary: `planned, and assumed to come true: ${names}` };
    return { verdict: 'ok' as const, summary: summaryOr(`planned: ${names}`), outcome };
  }
  if (done.length > 0 && !isDue && unmet.length === 0) {
    return { verdict: 'ok' as const, summary: summaryOr(`done: ${names}`) };
  }
  if (done.length > 0 && !isDue) {
    const summary = `done: ${names}; whether it helped was not looked at (no "verify" follows)`;
    return { verdict: 'attention' as const, summary: summaryOr(summary), outcome: { helped: false, summary } };
  }
  return {
    verdict: 'attention' as const,
    summary: summaryOr(unmet.length > 0 ? `not as expected: ${unmet.join(', ')}` : `${attention ?? ''} holds`),
  };
}

function namesOf(acts: readonly ActStep[]): string {
  return acts.map(({ act: id, title = id }) => title).join(', ');
}

/** Of a run that sent nothing and found nothing wrong. `underWay`: what was seen to arrive. */
function unchangedText(wasSo: string, underWay: string): string {
  const parts = [
    ...(wasSo === '' ? [] : [`so already is ${wasSo}`]),
    ...(underWay === '' ? [] : [`under way already, and seen to its end: ${underWay}`]),
  ];
  return parts.length === 0 ? 'as expected' : `nothing was changed: ${parts.join('; ')}`;
}

/** True of what was to be seen and was not; what there was no need to wait for is none. */
function isUnseen(end: Settled<unknown> | undefined): boolean {
  return end !== undefined && !end.known && end.because !== 'skipped';
}

/** True of a change that this run made; false of what was so already. */
function isMade(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'made' in value && value.made === true;
}

/** True of a change that was on its way before the run would have sent it. */
function isUnderWay(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'isUnderWay' in value && value.isUnderWay === true;
}

function valueOf(end: Settled<unknown> | undefined): unknown {
  return end?.known === true ? end.value : undefined;
}

function isAsExpected(end: Settled<unknown> | undefined): boolean {
  return end !== undefined && end.known && isFound(end.value) && end.value.met;
}
