/**
 * Planted bugs: each is what an engine, a store, a runbook or a report could do wrong, and must be caught by an invariant.
 * They prove that the simulation can fail.
 */
import type { Answer } from '../../src/engine/approval.ts';
import type { Change } from '../../src/engine/change.ts';
import type { JournalRecord } from '../../src/engine/journal-store.ts';
import type { Plain } from '../../src/engine/plain.ts';
import type { AnyRunbook } from '../../src/runbooks/kit.ts';
import { findRunbook, listRunbooks } from '../../src/use-cases/runbooks.ts';
import type { ActingSession, Session } from '../../src/use-cases/session.ts';
import type { Playing } from './play.ts';
import type { Script } from './script.ts';
import type { Invariant } from './witness.ts';

type Step = AnyRunbook['steps'][number];
type ChangeBody = Extract<Step['body'], { form: 'change' }>;

export interface Mutant {
  readonly name: string;
  readonly playing?: Playing;
  /** How each change of each runbook is made instead. */
  readonly bodyOf?: (body: ChangeBody) => Partial<ChangeBody>;
  /** What has to happen for it to show at all; everything else is drawn. */
  readonly story: Partial<Script>;
  /** What has to catch it. */
  readonly caughtBy: Invariant;
  /** True where it takes a minute until it shows. */
  readonly isSlow?: boolean;
}

const story = { mode: 'execute', answers: 'yes', afterwards: 'continue', timeoutMs: undefined } as const;
const slow = { ...story, runbooks: ['latency'], scenario: 'cpu-saturated' };
const looping = { ...story, runbooks: ['crash-loop'], scenario: 'crash-loop' };
const moved = { ...story, runbooks: ['region-failover'], scenario: 'split-brain-risk', mishaps: [] };

const acting = (session: Session, alter: (acting: ActingSession) => Partial<ActingSession>): Session =>
  session.acting === undefined ? session : { ...session, acting: { ...session.acting, ...alter(session.acting) } };

/** With other records in the journal than the engine's. */
const writing = (alter: (record: JournalRecord) => JournalRecord | undefined): Playing => ({
  sessionOf: (session) =>
    acting(session, ({ journals }) => ({
      journals: {
        ...journals,
        append: (runId, records) =>
          journals.append(
            runId,
            records.flatMap((record) => alter(record) ?? []),
          ),
      },
    })),
});

const agreeing: Answer = { kind: 'given', by: 'ana', how: 'flag' };

export const mutants: readonly Mutant[] = [
  {
    name: 'a change is sent twice',
    bodyOf: ({ apply }) => ({
      apply: async (change, context) => {
        await apply(change, context);
        return apply(change, context);
      },
    }),
    story: slow,
    caughtBy: 'made once',
  },
  {
    name: 'a look says done of what never arrived',
    isSlow: true,
    bodyOf: ({ apply, look }) => {
      const sent = new WeakSet<Change>();
      return {
        apply: (change, context) => {
          sent.add(change);
          return apply(change, context);
        },
        look: async (change, context) => {
          const seen = await look(change, context);
          return sent.has(change) && seen.state === 'not-started' ? { ...seen, state: 'done' } : seen;
        },
      };
    },
    story: {},
    caughtBy: 'the report is the world',
  },
  {
    name: 'a lease is renewed without a look at who holds it',
    playing: {
      sessionOf: (session) =>
        acting(session, ({ leases }) => ({
          leases: (runId) => {
            const store = leases?.(runId);
            if (store === undefined) throw new TypeError('a run that acts has leases');
            return {
              ...store,
              renew: (lease, { nowMs, ttlMs }) => Promise.resolve({ ...lease, expiresAt: nowMs + ttlMs }),
            };
          },
        })),
    },
    story: { ...moved, mishaps: [{ kind: 'lease-taken', atMs: 60_000 }] },
    caughtBy: 'a valid token',
  },
  {
    name: 'putting back does nothing',
    bodyOf: ({ apply, look, reverse }) => {
      const back = new WeakSet<Change>();
      return {
        reverse: (applied) => {
          const change = reverse?.(applied);
          if (change !== undefined) back.add(change);
          return change;
        },
        apply: (change, context) => (back.has(change) ? Promise.resolve() : apply(change, context)),
        look: (change, context) =>
          back.has(change) ? Promise.resolve({ state: 'done', detail: 'as it was' }) : look(change, context),
      };
    },
    story: { ...slow, scenario: 'memory-pressure', mishaps: [] },
    caughtBy: 'undone is undone',
  },
  {
    name: 'a dry run acts on the stack itself',
    playing: { sessionOf: (session) => acting(session, () => ({ rehearse: undefined })) },
    story: { ...slow, mode: 'dry-run' },
    caughtBy: 'a dry run changes nothing',
  },
  {
    name: 'a journal is altered as it is written',
    playing: writing((record) =>
      record.event.type === 'step.finished' ? { ...record, event: { ...record.event, detail: 'all is well' } } : record,
    ),
    story: looping,
    caughtBy: 'the chain holds',
  },
  {
    name: 'a change is sent, and its intent is not written',
    playing: writing((record) => (record.event.type === 'change.intended' ? undefined : record)),
    story: looping,
    caughtBy: 'intent first',
  },
  {
    name: 'what is sent is not what was agreed to',
    bodyOf: ({ apply }) => ({
      apply: (change, context) => {
        const { to, ...others } = Object(change.input) as Record<string, Plain>;
        return apply(typeof to === 'number' ? { ...change, input: { ...others, to: to + 1 } } : change, context);
      },
    }),
    story: { ...slow, mishaps: [] },
    caughtBy: 'approved',
  },
  {
    name: 'a no is taken for a yes',
    playing: {
      sessionOf: (session) =>
        acting(session, ({ approver }) => ({
          approver: (...given) => {
            const asked = approver(...given);
            return { ask: (question, signal) => asked.ask(question, signal).then(() => agreeing) };
          },
        })),
    },
    story: { ...looping, answers: 'no' },
    caughtBy: 'approved',
  },
  {
    name: 'a question does not say that two regions may take writes',
    playing: writing((record) =>
      record.event.type === 'approval.requested' ? { ...record, event: { ...record.event, facts: [] } } : record,
    ),
    story: moved,
    caughtBy: 'one writer',
  },
  {
    name: 'a run ends with an exit code that is not its verdict',
    playing: { documentOf: (document) => ({ ...document, exitCode: 70 }) },
    story: looping,
    caughtBy: 'ends in a named state',
  },
  {
    name: 'a run takes an hour longer than it may',
    playing: {
      sessionOf: (session) =>
        acting(session, ({ journals }) => ({
          journals: {
            ...journals,
            append: async (runId, records) => {
              if (records.some(({ event }) => event.type === 'run.finished')) await session.clock.sleep(3_600_000);
              await journals.append(runId, records);
            },
          },
        })),
    },
    story: { ...looping, timeoutMs: 600_000 },
    caughtBy: 'ends in time',
  },
  {
    name: 'leases are not given back',
    playing: {
      sessionOf: (session) =>
        acting(session, ({ leases }) => ({
          leases: (runId) => {
            const store = leases?.(runId);
            if (store === undefined) throw new TypeError('a run that acts has leases');
            return { ...store, release: () => Promise.resolve() };
          },
        })),
    },
    story: looping,
    caughtBy: 'no lease is left',
  },
  {
    name: 'what was not seen counts as ok',
    playing: { documentOf: (document) => ({ ...document, verdict: 'ok', exitCode: 0 }) },
    story: { ...slow, answers: 'no' },
    caughtBy: 'unknown is not ok',
  },
  {
    name: 'an objective is met by what was not measured',
    playing: {
      documentOf: (document) =>
        document.objectives === undefined
          ? document
          : {
              ...document,
              objectives: { ...document.objectives, rto: { ...document.objectives.rto, measuredMs: null, met: true } },
            },
    },
    story: moved,
    caughtBy: 'met is measured',
  },
  {
    name: 'something depends on more than the seed',
    playing: { sessionOf: (session) => ({ ...session, random: Math.random }) },
    // What is throttled is asked again after a while that is drawn.
    story: { ...looping, mishaps: [{ kind: 'throttled', fromMs: 0, forMs: 60_000, share: 0.5 }] },
    caughtBy: 'the same bytes',
  },
];

/** Plays with a mutant in the place of the runbooks' own changes, which are as they were afterwards. */
export async function withMutant<T>({ bodyOf }: Mutant, work: () => Promise<T>): Promise<T> {
  const originals = new Map<ChangeBody, ChangeBody>();
  if (bodyOf !== undefined) {
    for (const { id } of listRunbooks().items) {
      for (const { body } of findRunbook(id).steps) {
        if (body.form !== 'change' || originals.has(body)) continue;
        originals.set(body, { ...body });
        // Steps refer to each other, so that a copy would be another graph.
        Object.assign(body, bodyOf({ ...body }));
      }
    }
  }
  try {
    return await work();
  } finally {
    for (const [body, original] of originals) Object.assign(body, original);
  }
}
