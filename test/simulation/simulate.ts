/** Simulates one seed after another; bundled by bench/simulate.js, too. */
import { play, type Outcome, type Playing } from './play.ts';
import { scriptOf, type Script } from './script.ts';
import { shortened } from './shrink.ts';
import type { Violation } from './witness.ts';

/** A seed at which something happened that must not. */
export interface Failure {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** The shortest script found that still fails in the same way. */
  readonly script: Script;
  readonly trace: readonly string[];
}

export interface Simulated {
  readonly outcome: Outcome;
  readonly failure?: Failure;
}

/** How often a seed is played twice, to compare its bytes. */
const twiceEvery = 8;

export interface SeedOptions {
  readonly playing?: Playing;
  /** Laid over what the seed draws. */
  readonly story?: Partial<Script>;
  /** False where nobody will read the script. */
  readonly shrinks?: boolean;
}

/** Plays a seed; where it fails, finds the shortest script that still does. */
export async function simulateSeed(
  seed: number,
  { playing, story, shrinks = true }: SeedOptions = {},
): Promise<Simulated> {
  const script = { ...scriptOf(seed), ...story };
  const outcome = await play(script, playing);
  const violations = [...outcome.violations];
  if (seed % twiceEvery === 0) {
    const again = await play(script, playing);
    if (again.digest !== outcome.digest) {
      violations.push({ invariant: 'the same bytes', detail: differenceOf(outcome.trace, again.trace) });
    }
  }
  const [first] = violations;
  if (first === undefined) return { outcome };
  const failsAlike = async (shorter: Script): Promise<Outcome | undefined> => {
    const played = await play(shorter, playing);
    if (first.invariant === 'the same bytes') {
      return (await play(shorter, playing)).digest === played.digest ? undefined : played;
    }
    return played.violations.some(({ invariant }) => invariant === first.invariant) ? played : undefined;
  };
  const found = shrinks ? await shortened(script, failsAlike) : undefined;
  const { trace } = found?.outcome ?? outcome;
  const told = found !== undefined && found.outcome.violations.length > 0 ? found.outcome.violations : violations;
  return { outcome, failure: { seed, violations: told, script: found?.script ?? script, trace } };
}

function differenceOf(one: readonly string[], other: readonly string[]): string {
  const at = one.findIndex((line, index) => line !== other[index]);
  return at === -1
    ? `the second time told ${other.length} lines instead of ${one.length}, or other records`
    : `line ${at + 1}: "${one[at]}", and then "${other[at]}"`;
}
