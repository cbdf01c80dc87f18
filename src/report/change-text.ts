/**
 * The words for what a run changes, the same on a terminal and on a page: what differs, which changes stay, and how to
 * find out about one that nobody knows of. Text that comes out of here may hold text from data: whoever shows it makes
 * it safe for the place.
 */
import type { Risk } from '../engine/change.ts';
import type { RunDocument } from './schemas.ts';

type Values = Readonly<Record<string, unknown>>;

/** A change as an event, a question or a document tells it. */
export interface ChangeText {
  readonly operation: string;
  readonly resource: string;
  readonly region: string;
  readonly summary?: string;
  readonly before?: Values;
  readonly after?: Values;
}

export interface Difference {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** What is not the same before and after, each value as text; `none` where there is no value. */
export function differencesIn({ before = {}, after = {} }: Pick<ChangeText, 'before' | 'after'>): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter((name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null))
    .map((name) => ({ name, before: valueText(before[name]), after: valueText(after[name]) }));
}

function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  if (typeof value === 'string') return value === '' ? '""' : value;
  return JSON.stringify(value);
}

/** `ecs:UpdateService nano/nano-api in us-west-2: desired 6 → 7`, in one line. */
export function changeText(change: ChangeText): string {
  const what = whatDiffers(change);
  return `${change.operation} ${change.resource} in ${change.region}${what === '' ? '' : `: ${what}`}`;
}

/** `desired 6 → 7`; the summary where no values are told. */
export function whatDiffers(change: Pick<ChangeText, 'before' | 'after' | 'summary'>): string {
  const differences = differencesIn(change).map(({ name, before, after }) => `${name} ${before} → ${after}`);
  return differences.length > 0 ? differences.join(', ') : (change.summary ?? '');
}

export type Mutation = RunDocument['mutations'][number];

interface ChangeGroup {
  readonly status: Mutation['status'];
  readonly title: string;
  readonly changes: readonly Mutation[];
}

const groupTitles = {
  applied: 'Stays changed',
  unknown: 'Not known whether it was changed',
  reverted: 'Put back',
  failed: 'Not changed: the attempt failed',
  planned: 'Planned: a dry run changes nothing',
} as const satisfies Record<Mutation['status'], string>;

/** A run's changes in the order in which a reader must know of them: first what is different now. */
export function changeGroups(mutations: readonly Mutation[]): ChangeGroup[] {
  const order = [
    'applied',
    'unknown',
    'reverted',
    'failed',
    'planned',
  ] as const satisfies readonly Mutation['status'][];
  // What brought back what was before is told by what it put back.
  const told = mutations.filter(({ status, restores }) => status !== 'applied' || restores === undefined);
  return order
    .map((status) => ({
      status,
      title: groupTitles[status],
      changes: told.filter((mutation) => mutation.status === status),
    }))
    .filter(({ changes }) => changes.length > 0);
}

/** How to find out whether a change was made: by what tells before from after. */
export function howToLook(change: ChangeText): string {
  const where = `look at ${change.resource} in ${change.region}`;
  const [first] = differencesIn(change);
  if (first === undefined) return `${where} before anything else is changed there`;
  const { name, before, after } = first;
  return `${where}: ${name} ${before} means that it was not done, ${name} ${after} that it was`;
}

/** How the changes stand, in few words: `1 change stays, 2 were put back`. */
export function changeTally(mutations: readonly Mutation[]): string {
  const parts = changeGroups(mutations).map(({ status, changes: { length: count } }, index) => {
    const counted = index === 0 ? `${count} change${count === 1 ? '' : 's'}` : String(count);
    return `${counted} ${tallyWords[status][count === 1 ? 0 : 1]}`;
  });
  return parts.length === 0 ? 'nothing was changed' : parts.join(', ');
}

const tallyWords = {
  applied: ['stays', 'stay'],
  unknown: ['may or may not have been made', 'may or may not have been made'],
  reverted: ['was put back', 'were put back'],
  failed: ['was not made', 'were not made'],
  planned: ['planned', 'planned'],
} as const satisfies Record<Mutation['status'], readonly [string, string]>;

/** What a risk means for whoever decides. */
export function riskText(risk: Risk): string {
  switch (risk) {
    case 'reversible':
      return 'reversible: it can be put back as it was';
    case 'irreversible':
      return 'irreversible: it cannot be put back as it was; nothing is lost';
    case 'data-loss':
      return 'data loss: what was written may be lost';
  }
}
