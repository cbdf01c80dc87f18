/**
 * What the events of a run that acts say to a person, each as a mark and a line: consent, leases, changes, what is put
 * back, where the run stops. Pure: knows what the event and the runbook say, and no screen.
 */
import type { Change } from '../engine/change.ts';
import type { AnsweredBy, EventBody, RunEvent } from '../engine/events.ts';
import type { RunHistory } from '../engine/history.ts';
import { changeText } from '../report/change-text.ts';
import { counted, endedCount, momentText } from '../report/wording.ts';

/** One thing said. Texts may hold text from data. */
export interface Said {
  readonly mark: '→' | '←' | '›' | '✓' | '✗' | '?' | '!' | '…' | '·' | '‖';
  readonly tone: 'good' | 'bad' | 'doubt' | 'strong' | 'faint';
  readonly text: string;
  /** Lines that belong to it. */
  readonly below?: readonly string[];
  /** True of what only those want to know who ask for everything. */
  readonly minor?: boolean;
}

export interface Told {
  /** The title of a step. */
  readonly titleOf: (stepId: string) => string;
  /** The change that a step has begun last, forwards or back. */
  readonly changeOf: (stepId: string) => Change | undefined;
  readonly timeZone: string | undefined;
  /** True in a dry run, where a change is made in a model of the world alone. */
  readonly dry: boolean;
}

type EventOf<Type extends EventBody['type']> = Extract<RunEvent, { type: Type }>;

type ActingEvent = EventOf<
  | 'approval.requested'
  | 'approval.given'
  | 'approval.declined'
  | 'approval.lapsed'
  | 'lease.acquired'
  | 'lease.released'
  | 'lease.refused'
  | 'lease.lost'
  | 'change.answered'
  | 'change.looked-up'
  | 'run.halted'
  | 'run.undoing'
  | 'run.suspended'
>;

export function saidOf(event: ActingEvent, told: Told): Said {
  switch (event.type) {
    case 'approval.requested':
      return requested(event, told);
    case 'approval.given':
      return {
        mark: '✓',
        tone: 'good',
        text: `${told.titleOf(event.stepId)}: yes, ${answeredBy(event)}`,
        // The step itself says so as it ends.
        minor: true,
      };
    case 'approval.declined':
      return { mark: '✗', tone: 'bad', text: `${told.titleOf(event.stepId)}: no, by ${event.by}` };
    case 'approval.lapsed':
      return {
        mark: '!',
        tone: 'doubt',
        text: `${told.titleOf(event.stepId)}: the approval holds no longer: ${event.reason}`,
      };
    case 'lease.acquired':
      return { mark: '·', tone: 'faint', minor: true, text: `holds ${event.resource} (token ${event.token})` };
    case 'lease.released':
      return { mark: '·', tone: 'faint', minor: true, text: `gave ${event.resource} back (token ${event.token})` };
    case 'lease.refused':
      return { mark: '!', tone: 'bad', text: `${event.resource} is held by ${event.holder}` };
    case 'lease.lost':
      return {
        mark: '!',
        tone: 'bad',
        text: `lost the lease on ${event.resource}: ${event.reason}; nothing more is changed in its name`,
      };
    case 'change.answered':
      return answered(event, told);
    case 'change.looked-up':
      return lookedUp(event, told);
    case 'run.halted':
      return { mark: '!', tone: 'bad', text: `Stopped: ${event.reason}` };
    case 'run.undoing':
      return { mark: '←', tone: 'strong', text: `Putting back what was changed: ${event.reason}` };
    case 'run.suspended':
      return { mark: '‖', tone: 'strong', text: `Suspended: ${event.reason}` };
  }
}

/** What the run is doing to the world, for the line of what is under way. */
export function doingText({ direction, change }: Pick<EventOf<'change.intended'>, 'direction' | 'change'>): string {
  return direction === 'apply' ? changeText(change) : `putting back ${changeText(change)}`;
}

/** That a run was taken up again, by whom, and from where it goes on. */
export function resumedSaid(event: EventOf<'run.resumed'>, before: RunHistory | undefined): Said {
  if (event.purpose === 'step') {
    return { mark: '→', tone: 'faint', minor: true, text: `the next step, by ${event.by}`, below: differs(event) };
  }
  const purpose = event.purpose === 'continue' ? 'Resumed' : 'Taken up to put back what was changed';
  return {
    mark: '→',
    tone: 'strong',
    text: `${purpose}, by ${event.by}`,
    below: [...(before === undefined ? [] : [goesOnFrom(before)]), ...differs(event)],
  };
}

function differs({ differences }: EventOf<'run.resumed'>): readonly string[] {
  return differences.map((difference) => `the runbook differs: ${difference}`);
}

function goesOnFrom({ phase, steps, summaries, changes }: RunHistory): string {
  if (phase === 'looking') return 'nothing was changed before: everything is looked at anew';
  const made = changes.filter(({ status }) => status === 'applied').length;
  const open = changes.filter(({ status }) => status === 'intended' || status === 'unknown' || status === 'reverting');
  const doubt = open.length === 0 ? '' : `, ${counted(open.length, 'change')} to be looked up first`;
  return `goes on from ${endedCount(steps)} of ${counted(summaries.length, 'step')} ended, ${counted(made, 'change')} made${doubt}`;
}

function requested(event: EventOf<'approval.requested'>, { titleOf, timeZone }: Told): Said {
  const { deadlineAt, changes, at, hash } = event;
  const iso = (time: number): string => new Date(time).toISOString();
  const by =
    deadlineAt === undefined
      ? ''
      : ` Answer by ${momentText(iso(deadlineAt), iso(at), timeZone)}; no answer counts as no.`;
  return {
    mark: '…',
    tone: 'doubt',
    text: `${titleOf(event.stepId)}: ${event.question}${by}`,
    below: [
      ...changes.map((change) => `${changeText(change)} (${riskWord(change.risk)})`),
      ...(changes.length === 0 ? [] : [`plan ${hash}`]),
    ],
  };
}

function riskWord(risk: Change['risk']): string {
  return risk === 'data-loss' ? 'data loss' : risk;
}

function answeredBy({ by, how }: { readonly by: string; readonly how: AnsweredBy }): string {
  switch (how) {
    case 'prompt':
      return `by ${by} at the prompt`;
    case 'flag':
      return `by ${by} with --approve`;
    case 'yes':
      return `by ${by} with --yes`;
    case 'assumed':
      return 'assumed: a dry run asks nobody';
  }
}

function answered({ stepId, direction, outcome, reason }: EventOf<'change.answered'>, told: Told): Said {
  const what = changeOf(stepId, told);
  const why = reason === undefined ? '' : `: ${reason}`;
  const undoing = direction === 'undo';
  switch (outcome) {
    case 'applied':
      if (told.dry) return { mark: '›', tone: 'strong', text: `planned: ${what}` };
      return undoing
        ? { mark: '←', tone: 'strong', text: `put back: ${what}` }
        : { mark: '→', tone: 'strong', text: what };
    case 'failed':
      return { mark: '✗', tone: 'bad', text: `${undoing ? 'not put back' : 'not changed'}: ${what}${why}` };
    case 'unknown':
      return {
        mark: '?',
        tone: 'doubt',
        text: `no answer, so that nobody knows whether it was ${undoing ? 'put back' : 'done'}: ${what}${why}`,
      };
  }
}

type LookState = EventOf<'change.looked-up'>['state'];

const looks = {
  done: 'it is done',
  'in-flight': 'it is under way',
  'not-started': 'it was not begun',
  drifted: 'it is neither as before nor as it was to be',
  failed: 'it was tried, and did not work',
  unknown: 'it could not be read',
} as const satisfies Record<LookState, string>;

const looksBack: Record<LookState, string> = {
  ...looks,
  done: 'it is as it was before',
  'in-flight': 'putting it back is under way',
  'not-started': 'it is still changed',
};

function lookedUp({ stepId, state, detail, direction }: EventOf<'change.looked-up'>, { titleOf }: Told): Said {
  const doubtful = state === 'drifted' || state === 'unknown' || state === 'failed';
  const seen = (direction === 'apply' ? looks : looksBack)[state];
  return {
    mark: doubtful ? '?' : '·',
    tone: doubtful ? 'doubt' : 'faint',
    text: `${titleOf(stepId)}: looked: ${seen}: ${detail}`,
  };
}

function changeOf(stepId: string, { titleOf, changeOf: find }: Told): string {
  const change = find(stepId);
  return change === undefined ? titleOf(stepId) : changeText(change);
}
