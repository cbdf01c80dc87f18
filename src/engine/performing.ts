/** Carries out one step: tries and retries it, waits, asks, changes or tells, whatever its form is. */
import type { Asking } from './asking.ts';
import type { Changing } from './changing.ts';
import type { Clock, Random } from './clock.ts';
import type { Course } from './course.ts';
import { classOf, messageOf } from './errors.ts';
import type { RunMode } from './events.ts';
import type { RunHistory } from './history.ts';
import type { Leasing } from './leasing.ts';
import { limited, oneLook } from './limited.ts';
import { pollUntil } from './polling.ts';
import { retryDelayMs } from './retry.ts';
import type { RunLog } from './run-log.ts';
import type { StepEnds } from './step-ends.ts';
import type { BodyOf, ChangeBody, Results, RunStep, Settled, StepOutcome, Told } from './step.ts';

/** What steps that ask, act and tell are carried out with. */
export interface Deeds<Ports, Settings, Act> {
  readonly ports: Act;
  readonly leasing: Leasing<Act>;
  readonly asking: Asking<Act>;
  readonly changing: Changing<Ports, Settings, Act>;
}

export interface PerformingTools<Ports, Settings, Act> {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: Settings;
  readonly mode: RunMode;
  readonly ports: (stepId: string) => Ports;
  /** Absent in a run that only looks, which has no step that would need it. */
  readonly deeds: Deeds<Ports, Settings, Act> | undefined;
  /** What the steps so far came to. */
  readonly results: Results;
  /** What steps that keep it yielded when the run looked first. */
  readonly firsts: RunHistory['firsts'] | undefined;
  readonly course: Course;
  readonly log: RunLog<Act>;
  readonly ends: StepEnds<Act>;
}

export class Performing<Ports, Settings, Act> {
  private readonly tools: PerformingTools<Ports, Settings, Act>;

  constructor(tools: PerformingTools<Ports, Settings, Act>) {
    this.tools = tools;
  }

  /** Carries the step out and says what it came to; it never rejects for what the step throws. */
  perform(step: RunStep<Ports, Settings, Act>): Promise<Settled<unknown>> {
    const { body } = step;
    switch (body.form) {
      case 'run':
        return this.attempt(step);
      case 'poll':
        return this.guarded(step, body, (startedAt) => this.poll(step, body, startedAt));
      case 'ask':
        return this.guarded(step, body, (startedAt) => this.ask(step, body, startedAt));
      case 'change':
        return this.guarded(step, body, (startedAt) => this.change(step, body, startedAt));
      case 'tell':
        return this.guarded(step, body, (startedAt) => this.tell(step, body, startedAt));
    }
  }

  private async attempt(step: RunStep<Ports, Settings, Act>): Promise<Settled<unknown>> {
    const { clock, random, course, log, ends } = this.tools;
    const startedAt = clock.now();
    let previous: string | undefined;
    for (let attempt = 1; ; attempt += 1) {
      if (course.standstill(step) !== undefined) {
        return ends.notStarted(step, { startedAt, attempts: attempt - 1 }, previous);
      }
      if (attempt === 1) log.emit({ type: 'step.started', stepId: step.id });
      try {
        const outcome = await this.once(step);
        return ends.succeeded(step, outcome, { startedAt, attempts: attempt });
      } catch (error) {
        const errorClass = classOf(error);
        const delayMs = course.ending.aborted ? undefined : retryDelayMs(step.retry, errorClass, attempt, random);
        if (delayMs === undefined) return ends.gaveUp(step, error, errorClass, { startedAt, attempts: attempt });
        previous = messageOf(error);
        log.emit({ type: 'step.retried', stepId: step.id, attempt, delayMs, errorClass, reason: previous });
        await clock.sleep(delayMs, course.ending).catch(() => undefined); // An abort is seen at the loop's head.
      }
    }
  }

  /**
   * One attempt of a step that looks or concludes, ended by the step's own limit or by the run's end, whichever comes first.
   * It tells nobody.
   */
  async once(step: RunStep<Ports, Settings, Act>): Promise<StepOutcome<unknown>> {
    const { clock, settings, ports, results, firsts, course } = this.tools;
    const { body } = step;
    if (body.form !== 'run') throw new TypeError(`step "${step.id}" does not run`);
    const first = firsts?.get(step.id);
    const context = { ports: ports(step.id), settings, clock, ...(first === undefined ? {} : { first }) };
    if (step.kind === 'decide') {
      const idle = new AbortController().signal;
      return body.execute(results, { ...context, signal: idle });
    }
    const limit = { limitMs: step.timeoutMs, limitText: `the step's ${step.timeoutMs / 1000} s` };
    return limited({ clock, ...limit, ending: course.ending }, (signal) =>
      body.execute(results, { ...context, signal }),
    );
  }

  /** What every step that waits, asks, acts or tells has in common: it starts only while the run goes on. */
  private async guarded(
    step: RunStep<Ports, Settings, Act>,
    body: BodyOf<'poll' | 'ask' | 'change' | 'tell', Ports, Settings, Act>,
    work: (startedAt: number) => Promise<Settled<unknown>>,
  ): Promise<Settled<unknown>> {
    const { clock, settings, deeds, results, course, log, ends } = this.tools;
    const startedAt = clock.now();
    if (course.standstill(step) !== undefined) return ends.notStarted(step, { startedAt, attempts: 0 });
    try {
      const reason = body.skip(results, settings);
      if (reason !== undefined) {
        log.emit({ type: 'step.started', stepId: step.id });
        return ends.succeeded(step, { kind: 'skipped', reason }, { startedAt, attempts: 1 });
      }
      deeds?.leasing.at(step.id);
      return await work(startedAt);
    } catch (error) {
      return ends.gaveUp(step, error, classOf(error), { startedAt, attempts: 1 });
    }
  }

  private async poll(
    step: RunStep<Ports, Settings, Act>,
    body: BodyOf<'poll', Ports, Settings, Act>,
    startedAt: number,
  ): Promise<Settled<unknown>> {
    const { clock, settings, mode, deeds, results, course, log, ends } = this.tools;
    log.emit({ type: 'step.started', stepId: step.id });
    if (mode === 'dry-run' && body.basis === 'measurement') {
      const assumed = body.assume?.(results, settings);
      if (assumed === undefined) throw new TypeError(`step "${step.id}" does not say what a dry run is to assume`);
      log.assumed(step);
      return ends.done(step, assumed.detail, assumed.output, { startedAt, attempts: 0 });
    }
    const ports = this.tools.ports(step.id);
    const limitMs = Math.min(oneLook.limitMs, step.timeoutMs);
    const limit = { clock, limitMs, limitText: `the ${limitMs / 1_000} s of one look`, ending: course.ending };
    const ended = await pollUntil({
      clock,
      everyMs: body.everyMs,
      withinMs: step.timeoutMs,
      stop: course.ending,
      poll: () => limited(limit, (signal) => body.poll(results, { ports, settings, clock, signal })),
      progressed: (detail) => log.emit({ type: 'step.progressed', stepId: step.id, detail }),
    });
    const tries = { startedAt, attempts: ended.looks };
    const isTakenBack = ended.state !== 'unknown' && ended.takenBack === true;
    if (isTakenBack && body.of !== undefined) deeds?.changing.records.takenBack(body.of, ended.detail);
    switch (ended.state) {
      case 'reached':
        return ends.done(step, ended.detail, ended.output, tries);
      case 'failed':
        return ends.failed(step, ended.detail, tries);
      case 'unknown':
        return ends.gaveUp(step, ended.error, classOf(ended.error), tries);
    }
  }

  private async ask(
    step: RunStep<Ports, Settings, Act>,
    body: BodyOf<'ask', Ports, Settings, Act>,
    startedAt: number,
  ): Promise<Settled<unknown>> {
    const { settings, results, course, log, ends } = this.tools;
    const { leasing, asking } = this.deedsFor(step);
    if (!(await leasing.take())) return ends.notStarted(step, { startedAt, attempts: 0 });
    log.emit({ type: 'step.started', stepId: step.id });
    const end = await asking.ask(step, body.ask(results, settings), course.ending);
    if (end.kind === 'withheld') return ends.withheld(step, end.detail, end.nextSteps, startedAt);
    const output = body.answered(end.approval);
    log.assumed(step);
    return ends.done(step, end.detail, output, { startedAt, attempts: 1 });
  }

  private async change(
    step: RunStep<Ports, Settings, Act>,
    body: ChangeBody<Ports, Settings, Act>,
    startedAt: number,
  ): Promise<Settled<unknown>> {
    const { clock, settings, results, log, ends } = this.tools;
    const { leasing, changing } = this.deedsFor(step);
    if (!(await leasing.take())) return ends.notStarted(step, { startedAt, attempts: 0 });
    log.emit({ type: 'step.started', stepId: step.id });
    const consent = results.get(body.approval);
    // Whoever needs it is told what was begun, also by a build that would plan something else today.
    const change = changing.records.begun(step.id)?.change ?? body.change(results, settings);
    const end = await changing.make(step, body, change, consent?.known === true ? consent.value : undefined);
    if (end.kind === 'not-made') return ends.notMade(step, end, startedAt);
    const { made, isUnderWay, receipt, attempts } = end;
    const sentAt = changing.records.sentAt(step.id);
    const output = body.changed(change, {
      made,
      ...(sentAt === undefined ? {} : { sentAt }),
      ...(isUnderWay === undefined ? {} : { isUnderWay }),
      at: clock.now(),
      ...(receipt === undefined ? {} : { receipt }),
    });
    log.assumed(step);
    return ends.done(step, end.detail, output, { startedAt, attempts });
  }

  private async tell(
    step: RunStep<Ports, Settings, Act>,
    body: BodyOf<'tell', Ports, Settings, Act>,
    startedAt: number,
  ): Promise<Settled<unknown>> {
    const { clock, settings, mode, results, log, ends } = this.tools;
    const { ports } = this.deedsFor(step);
    log.emit({ type: 'step.started', stepId: step.id });
    if (mode === 'dry-run') {
      const detail = `would tell: ${body.preview(results, { settings, now: clock.now() })}`;
      log.finish(step, { status: 'planned', detail, startedAt, attempts: 0 }, { delivered: false, detail });
      return { known: true, value: body.told({ delivered: false, detail }) };
    }
    // What somebody else's program did to the world must not be taken for how it was.
    if (step.kind === 'act') await log.checkpoint();
    let told: Told;
    try {
      told = await clock.busy(() => body.tell(results, { ports, settings, clock }));
    } catch (error) {
      if (classOf(error) === 'defect') throw error;
      told = { delivered: false, detail: messageOf(error) };
    }
    const { delivered, detail } = told;
    const status = delivered ? 'succeeded' : told.isOff === true ? 'skipped' : 'failed';
    const tries = { startedAt, attempts: 1 };
    if (status === 'failed' && body.isVital === true) return { ...ends.failed(step, detail, tries), tried: true };
    log.finish(step, { status, detail, ...tries }, { delivered, detail });
    return { known: true, value: body.told(told) };
  }

  private deedsFor({ id }: RunStep<Ports, Settings, Act>): Deeds<Ports, Settings, Act> {
    const { deeds } = this.tools;
    if (deeds === undefined) throw new TypeError(`step "${id}" would act in a run that only looks`);
    return deeds;
  }
}
