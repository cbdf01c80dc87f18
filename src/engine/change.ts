/**
 * Changes: what an acting step does to the world, told before it is done. A change is exactly one call that alters one
 * resource, as plain data, so that it can be shown, approved by its hash, journaled, and finished by somebody else.
 */
import { canonicalJson, plainOf, type Plain, type PlainRecord } from './plain.ts';

/**
 * What a change could cost: `reversible` can be put back as it was; `irreversible` cannot, but loses nothing;
 * `data-loss` may lose what was written.
 */
export type Risk = 'reversible' | 'irreversible' | 'data-loss';

export interface Change<Input extends PlainRecord = PlainRecord> {
  /** `service:Operation`, for example `ecs:UpdateService`. */
  readonly operation: string;
  readonly region: string;
  /** What is changed, as its operator calls it, for example `nano/nano-api`. */
  readonly resource: string;
  /** What it is, where that does not follow from operation, region and resource: of several regions, whichever is asked. */
  readonly identity?: string;
  /** In one line, for a person who decides. */
  readonly summary: string;
  /** What is to be different, before and after, by the names that the operator knows. */
  readonly before: PlainRecord;
  readonly after: PlainRecord;
  readonly risk: Risk;
  /** Who and what feels it, in one line. */
  readonly blastRadius: string;
  /** With `data-loss`: how much may be lost, in milliseconds of writes; absent where nobody knows. */
  readonly lossMs?: number;
  /** What applying it needs. */
  readonly input: Input;
}

/**
 * How a change stands, read from reality and not from memory.
 *
 * - `done`: reality is as after the change.
 * - `in-flight`: it has begun and is not over.
 * - `not-started`: reality is as before it.
 * - `drifted`: reality is neither: the plan no longer fits.
 * - `failed`: it was tried, and the other side gave it up; `isAsBefore` where that left reality as it was before.
 * - `unknown`: reality could not be read.
 */
export type LookState = 'done' | 'in-flight' | 'not-started' | 'drifted' | 'failed' | 'unknown';

export interface Look {
  readonly state: LookState;
  /** In one line. */
  readonly detail: string;
  /** With `failed`: true where nothing of it is left. */
  readonly isAsBefore?: boolean;
}

/** A hash of a text, as hexadecimal digits: SHA-256 in the program. Handed in, since the engine has no cryptography. */
export type Digest = (text: string) => string;

/** The short hash that an approval is bound to: of everything that the approver is shown. */
export function planHash(changes: readonly Change[], digest: Digest): string {
  return digest(canonicalJson(plainOf(changes, 'the plan'))).slice(0, 12);
}

type Placed = Pick<Change, 'operation' | 'region' | 'resource' | 'identity' | 'before' | 'after'>;

/** True where the later change of the same thing left what was before the earlier one. */
function bringsBack(later: Placed, earlier: Placed): boolean {
  const same = (one: PlainRecord, other: PlainRecord) => canonicalJson(plainOf(one)) === canonicalJson(plainOf(other));
  return (
    identityOf(later) === identityOf(earlier) && same(later.before, earlier.after) && same(later.after, earlier.before)
  );
}

/**
 * What later changes brought back: of changes that were made, oldest first, the place of each that was brought back, with
 * the place of the one that did. Each brings back the newest one before it that it can, and one only.
 */
export function broughtBackIn(changes: readonly Placed[]): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  for (const [at, later] of [...changes.entries()].toReversed()) {
    if (pairs.has(at)) continue;
    const back = changes.findLastIndex(
      (earlier, index) => index < at && !pairs.has(index) && bringsBack(later, earlier),
    );
    if (back !== -1) pairs.set(back, at);
  }
  return pairs;
}

function identityOf({ identity, operation, region, resource }: Placed): string {
  return identity ?? [operation, region, resource].join(' ');
}

const risks: readonly Risk[] = ['reversible', 'irreversible', 'data-loss'];

/**
 * Changes with risks that there are: one that is mistyped would be agreed to as if it could be put back.
 *
 * @throws TypeError otherwise; types say so, and a team's own code is loaded without them.
 */
export function ofKnownRisk<C extends Pick<Change, 'risk'>>(changes: readonly C[]): readonly C[] {
  const odd = changes.find(({ risk }) => !risks.includes(risk));
  if (odd === undefined) return changes;
  throw new TypeError(`a change has the risk ${JSON.stringify(odd.risk)}, which is none of ${risks.join(', ')}`);
}

/** The weightiest of the risks. */
export function worstRisk(changes: readonly Pick<Change, 'risk'>[]): Risk {
  const found = new Set(changes.map((change) => change.risk));
  if (found.has('data-loss')) return 'data-loss';
  return found.has('irreversible') ? 'irreversible' : 'reversible';
}

export type { Plain, PlainRecord };
