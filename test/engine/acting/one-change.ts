/** One change, made and put back without a run around it: what is looked at and what becomes of each sending is written down. */
import { planHash, type Change, type Look, type LookState } from '../../../src/engine/change.ts';
import type { ChangeEnd } from '../../../src/engine/change-end.ts';
import { Changing } from '../../../src/engine/changing.ts';
import type { EventBody } from '../../../src/engine/events.ts';
import { historyOf } from '../../../src/engine/history.ts';
import { Journal } from '../../../src/engine/journal.ts';
import type { JournalStore } from '../../../src/engine/journal-store.ts';
import type { LeaseStore } from '../../../src/engine/lease-store.ts';
import { LeaseKeeper } from '../../../src/engine/leases.ts';
import type { PlainRecord } from '../../../src/engine/plain.ts';
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { memoryState } from '../../../src/state/memory-state.ts';
import {
  digest,
  runId,
  setTo,
  startMs,
  started,
  steps,
  yes,
  type Act,
  type Ports,
  type SetChange,
  type Settings,
} from './stage.ts';

/** What a look shows; an error is thrown by it. */
export type Seen = LookState | Error | 'failed, as before';
/** What becomes of a sending: a receipt, nothing, an error, or something else that is thrown. */
export type Sent = { readonly receipt: PlainRecord } | { readonly thrown: unknown } | Error | undefined;

export interface Scene {
  /** What each look shows, first come first served; the last one stays. */
  readonly looks: readonly Seen[];
  readonly sends?: readonly Sent[];
  /** How long each look and each sending takes. */
  readonly lookMs?: number;
  readonly sendMs?: number;
  /** What the run had told of its changes before. */
  readonly past?: readonly EventBody[];
  readonly isIdempotent?: boolean;
  readonly isOnce?: boolean;
  readonly isOptional?: boolean;
  /** False where nothing puts it back. */
  readonly isReversible?: boolean;
  readonly undoneWithinMs?: number;
  readonly timeoutMs?: number;
  /** Why no change is made any more, asked before each sending. */
  readonly standstill?: () => string | undefined;
  readonly hasTold?: boolean;
  /** True where a later step waits for it. */
  readonly isAwaited?: boolean;
  readonly stop?: AbortController;
  readonly journals?: JournalStore;
  /** A store of leases of which `world:size` is taken. */
  readonly leases?: LeaseStore;
  readonly checkpoint?: () => Promise<void>;
  /** Called with the clock, before anything is looked at. */
  readonly script?: (clock: VirtualClock) => void;
  /** Told of the time of each look, on the scene's clock. */
  readonly onLook?: (elapsedMs: number, sentAt: number | undefined) => void;
}

export const grown = setTo('size', 2, 3);
export const shrunk = setTo('size', 3, 2);

/** Of the one step that there is. */
export const stepId = 'grow';

type Intended = Extract<EventBody, { type: 'change.intended' }>;
type Answered = Extract<EventBody, { type: 'change.answered' }>;

export const intended = (change: Change = grown, direction: 'apply' | 'undo' = 'apply'): Intended => ({
  type: 'change.intended',
  stepId,
  direction,
  change,
  hash: planHash([change], digest),
  tokens: {},
});

export const answered = (
  outcome: Answered['outcome'],
  direction: 'apply' | 'undo' = 'apply',
  receipt?: PlainRecord,
): Answered => ({
  type: 'change.answered',
  stepId,
  direction,
  outcome,
  ...(receipt === undefined ? {} : { receipt }),
});

/** A yes to these changes. */
export const consentTo = (...changes: readonly Change[]) => ({
  hash: 'the plan',
  changes: changes.map((change) => planHash([change], digest)),
  by: 'ana',
  at: startMs,
});

interface Played<End> {
  readonly end: End;
  readonly events: readonly EventBody[];
  /** What was sent, and when, in milliseconds since the start. */
  readonly sent: readonly { readonly change: SetChange; readonly at: number }[];
  readonly looks: number;
  readonly elapsedMs: number;
  readonly changing: Changing<Ports, Settings, Act>;
}

/** What was told, a few words each. */
export function briefly(events: readonly EventBody[]): readonly string[] {
  return events.map((event) => {
    if (event.type === 'change.intended') return `${event.direction}: intended`;
    if (event.type === 'change.answered') return `${event.direction}: ${event.outcome}`;
    if (event.type === 'change.looked-up') return `${event.direction}: seen ${event.state}`;
    return event.type === 'step.retried' ? `again in ${event.delayMs} ms` : event.type;
  });
}

type Consenting = { readonly planned?: SetChange; readonly consent?: unknown };

/** Plays one scene. Consent is given to what is planned, unless said otherwise. `look`: until nothing is under way. */
export async function played(doing: 'make' | 'undo', scene: Scene, plan?: Consenting): Promise<Played<ChangeEnd>>;
export async function played(doing: 'look', scene: Scene): Promise<Played<Look>>;
export async function played(
  doing: 'make' | 'undo' | 'look',
  scene: Scene,
  { planned = grown, ...given }: Consenting = {},
): Promise<Played<ChangeEnd | Look>> {
  const clock = new VirtualClock(startMs);
  const elapsed = () => clock.now() - startMs;
  scene.script?.(clock);
  const events: EventBody[] = [];
  const sent: { change: SetChange; at: number }[] = [];
  let looks = 0;
  const state = memoryState();
  const journal = new Journal(scene.journals ?? state.journals, runId, { digest, clock });
  const leases = scene.leases && (await heldOf(scene.leases, clock));
  const stop = scene.stop ?? new AbortController();
  const consenting = steps.approve('consent', {
    title: 'Ask',
    ask: () => ({ question: 'Grow?', facts: [], changes: [grown] }),
  });
  const step = steps.act(stepId, {
    title: 'Grow',
    approval: consenting,
    calls: ['world:Read'],
    changes: ['world:Set'],
    change: () => grown,
    look: async (_change, { sentAt }): Promise<Look> => {
      const seen = scene.looks[Math.min(looks, scene.looks.length - 1)];
      looks += 1;
      scene.onLook?.(elapsed(), sentAt);
      if (scene.lookMs !== undefined) await clock.sleep(scene.lookMs);
      if (seen === undefined) throw new Error('nothing was to be looked at');
      if (seen instanceof Error) throw seen;
      if (seen === 'failed, as before') return { state: 'failed', detail: 'it is as before', isAsBefore: true };
      return { state: seen, detail: `it is ${seen}` };
    },
    apply: async (change) => {
      const answer = scene.sends?.[sent.length];
      sent.push({ change, at: elapsed() });
      if (scene.sendMs !== undefined) await clock.sleep(scene.sendMs);
      if (answer instanceof Error) throw answer;
      if (answer !== undefined && 'thrown' in answer) throw answer.thrown;
      return answer?.receipt;
    },
    reverse: scene.isReversible === false ? undefined : ({ input: { name, from, to } }) => setTo(name, to, from),
    isIdempotent: scene.isIdempotent,
    isOnce: () => scene.isOnce === true,
    isOptional: scene.isOptional,
    undoneWithinMs: scene.undoneWithinMs,
    timeoutMs: scene.timeoutMs,
  });
  const { body } = step;
  if (body.form !== 'change') throw new Error('it changes nothing');
  let seq = 0;
  const past = [started, ...(scene.past ?? [])].map((each, index) => ({ ...each, seq: index + 1, at: startMs }));
  const changing = new Changing<Ports, Settings, Act>({
    acting: {
      ports: { set: () => Promise.reject(new Error('not by this')), tell: () => Promise.resolve() },
      journal,
      leases,
      approver: yes(),
      digest,
      by: 'ana',
      context: null,
      requestMs: 10_000,
      nextSteps: { resume: 'resume', abort: 'abort', locks: 'locks' },
    },
    clock,
    random: () => 0.5,
    settings: { by: 1 },
    ports: () => ({ read: () => Promise.reject(new Error('not by this')), healthy: () => Promise.resolve(true) }),
    stop: stop.signal,
    standstill: () => scene.standstill?.(),
    hasTold: () => scene.hasTold === true,
    isAwaited: () => scene.isAwaited === true,
    emit: (event) => {
      events.push(event);
      seq += 1;
      journal.add({ ...event, seq, at: clock.now() });
    },
    history: scene.past === undefined ? undefined : historyOf(past),
    checkpoint: scene.checkpoint ?? (() => Promise.resolve()),
  });
  const consent = 'consent' in given ? given.consent : consentTo(planned);
  const end =
    doing === 'look'
      ? await changing.stillness(step, body, planned)
      : doing === 'make'
        ? await changing.make(step, body, planned, consent)
        : await changing.undo(step, body, planned);
  return { end, events, sent, looks, elapsedMs: elapsed(), changing };
}

async function heldOf(store: LeaseStore, clock: VirtualClock): Promise<LeaseKeeper> {
  const holder = { runId, runbook: 'grow', environment: 'prod', who: 'ana@laptop', host: 'laptop', pid: 1 };
  const keeper = new LeaseKeeper({ store, clock, holder, isGone: () => false });
  await keeper.acquire(['world:size']);
  return keeper;
}
