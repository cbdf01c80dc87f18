/** Parts of a run without a run around them: its course, its log, and what it may act with. */
import { Course } from '../../../src/engine/course.ts';
import type { Basis, EventBody, RunEvent, RunMode } from '../../../src/engine/events.ts';
import { Journal, recordOf } from '../../../src/engine/journal.ts';
import type { JournalRecord, JournalStore } from '../../../src/engine/journal-store.ts';
import type { LeaseKeeper } from '../../../src/engine/leases.ts';
import type { Acting } from '../../../src/engine/run-options.ts';
import { RunLog } from '../../../src/engine/run-log.ts';
import { summarise } from '../../../src/engine/runbook.ts';
import type { AnyStep, Settled } from '../../../src/engine/step.ts';
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { memoryState } from '../../../src/state/memory-state.ts';
import { digest, runId, started, startMs, steps, theBook, yes, type Act } from '../acting/stage.ts';

export interface PartsOptions {
  readonly of?: readonly AnyStep[];
  readonly mode?: RunMode;
  /** What the run had told before it is taken up, after its start. */
  readonly past?: readonly EventBody[];
  readonly isStepwise?: boolean;
  /** True of a run that only looks. */
  readonly onlyLooks?: boolean;
  readonly basisOf?: (stepId: string) => Basis;
  readonly emit?: (event: RunEvent) => void;
  readonly journals?: JournalStore;
  readonly leases?: LeaseKeeper;
}

export const checkpointed: EventBody = { type: 'run.checkpointed', steps: [] };

/** As it stands in a journal. */
const inJournal = (bodies: readonly EventBody[]): readonly RunEvent[] =>
  bodies.map((body, index) => ({ ...body, seq: index + 1, at: startMs }));

export function partsOf(options: PartsOptions = {}) {
  const of = options.of ?? theBook().steps;
  const mode = options.mode ?? 'execute';
  const clock = new VirtualClock(startMs);
  const course = new Course();
  const journals = options.journals ?? memoryState().journals;
  const first: EventBody = { ...started, steps: summarise(of), ...(options.isStepwise ? { isStepwise: true } : {}) };
  const past = options.past === undefined ? undefined : inJournal([first, ...options.past]);
  const before = recordsOf(past ?? []);
  // Memory writes at once.
  if (options.journals === undefined && before.length > 0) void journals.append(runId, before);
  const acting: Acting<Act> = {
    ports: { set: () => Promise.reject(new Error('not by this')), tell: () => Promise.resolve() },
    journal: new Journal(journals, runId, { digest, clock, before }),
    ...(options.leases === undefined ? {} : { leases: options.leases }),
    approver: yes(),
    digest,
    by: 'ana',
    context: null,
    requestMs: 10_000,
    nextSteps: { resume: 'resume', abort: 'abort', locks: 'locks' },
  };
  const events: EventBody[] = [];
  const results = new Map<AnyStep, Settled<unknown>>();
  const conclusion = of.at(-1);
  if (conclusion === undefined) throw new Error('there are no steps');
  const log = new RunLog<Act>({
    options: {
      ...(options.onlyLooks ? {} : { acting }),
      mode,
      clock,
      emit: (event) => {
        events.push(bodyOf(event));
        options.emit?.(event);
      },
      ...(past === undefined ? {} : { past }),
      ...(options.isStepwise ? { stepwise: {} } : {}),
      ...(options.basisOf === undefined ? {} : { basisOf: options.basisOf }),
    },
    steps: of,
    conclusion,
    results,
    tripped: (error) => course.trip(error),
  });
  if (past === undefined) log.emit(first);
  events.length = 0;
  return { acting: options.onlyLooks ? undefined : acting, clock, course, log, events, results, mode, journals };
}

function recordsOf(events: readonly RunEvent[]): readonly JournalRecord[] {
  let previous = '0'.repeat(64);
  return events.map((event) => {
    const record = recordOf(event, previous, digest);
    previous = record.hash;
    return record;
  });
}

function bodyOf({ seq: _seq, at: _at, ...body }: RunEvent): EventBody {
  return body;
}

/** One step of each sort, without needs. */
export function sorts() {
  const { observe, decide, approve, act, wait, tell, hook } = steps;
  const change = { ...theChange };
  const message = { message: () => '', summary: String, send: async () => ({ delivered: true, detail: '' }) };
  const consent = approve('consent', { title: 'Ask', ask: () => ({ question: '?', facts: [], changes: [change] }) });
  const acting = {
    title: 'Act',
    approval: consent,
    calls: [],
    changes: [],
    change: () => change,
    look: async () => ({ state: 'done', detail: '' }) as const,
    apply: async () => undefined,
  };
  const waiting = {
    title: 'Wait',
    calls: [],
    withinMs: 1_000,
    poll: async () => ({ state: 'waiting', detail: '' }) as const,
  };
  return {
    observe: observe('observe', { title: 'Look', run: async () => 1, detail: String }),
    decide: decide('decide', { title: 'Conclude', run: () => 1, detail: String }),
    consent,
    act: act('act', acting),
    optional: act('optional', { ...acting, isOptional: true }),
    wait: wait('wait', waiting),
    optionalWait: wait('optional-wait', { ...waiting, isOptional: true }),
    notify: tell('notify', { title: 'Tell', ...message }),
    program: hook('program', { title: 'Start', ...message }),
    mend: hook('mend', { title: 'Mend', ...message, endsAnyway: true }),
    end: decide('end', { title: 'End', run: () => 1, detail: String }),
  };
}

export const theChange = {
  operation: 'world:Set',
  region: 'here',
  resource: 'size',
  summary: 'size 2 \u2192 3',
  before: { size: 2 },
  after: { size: 3 },
  risk: 'reversible',
  blastRadius: 'nobody',
  input: { name: 'size' },
} as const;
