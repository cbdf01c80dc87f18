/**
 * Which of several things is meant: by what is wired to what first, then by hints, and only where one is clearly best.
 * Between equals nothing is chosen.
 */

export interface Candidate<T> {
  readonly value: T;
  /** How it is said, on a command line too; unique among the candidates. */
  readonly name: string;
  /** What speaks for it, in words; empty where nothing does. */
  readonly why: readonly string[];
  /** How firmly it is tied to what is known already; 0 where it is not. */
  readonly wired: number;
  /** The more, the better; each by itself: names, tags, … One that is worse in any is not clearly best. */
  readonly hints: readonly number[];
}

export type Choice<T> =
  | { readonly kind: 'none' }
  | { readonly kind: 'chosen'; readonly candidate: Candidate<T>; readonly among: number }
  /** The likeliest first. */
  | { readonly kind: 'open'; readonly candidates: readonly Candidate<T>[] };

export function choose<T>(candidates: readonly Candidate<T>[]): Choice<T> {
  const [only] = candidates;
  if (only === undefined) return { kind: 'none' };
  if (candidates.length === 1) return { kind: 'chosen', candidate: only, among: 1 };
  const firmest = Math.max(...candidates.map(({ wired }) => wired));
  const tied = candidates.filter(({ wired }) => wired === firmest);
  const best =
    tied.length === 1 && firmest > 0
      ? tied[0]
      : tied.find((each) => tied.every((other) => other === each || beats(each, other)));
  if (best !== undefined) return { kind: 'chosen', candidate: best, among: candidates.length };
  return { kind: 'open', candidates: candidates.toSorted(likelier) };
}

/** Better in something, and worse in nothing. */
function beats<T>(a: Candidate<T>, b: Candidate<T>): boolean {
  const differences = a.hints.map((hint, index) => hint - (b.hints[index] ?? 0));
  return differences.every((each) => each >= 0) && differences.some((each) => each > 0);
}

function likelier<T>(a: Candidate<T>, b: Candidate<T>): number {
  const sum = (each: Candidate<T>): number => each.hints.reduce((total, hint) => total + hint, 0);
  return b.wired - a.wired || sum(b) - sum(a) || (a.name < b.name ? -1 : 1);
}
