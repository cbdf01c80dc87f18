/** The known word that a mistyped one was most likely meant to be. */
import { distance } from 'fastest-levenshtein';

/** Longer words than this are no typing errors, and comparing them takes time that grows with their length. */
const longestCompared = 100;

/**
 * The candidate that is closest to `word`, without regard to case, hyphens and underscores; undefined when none is
 * close enough to be worth suggesting.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > longestCompared) return undefined;
  const wanted = folded(word);
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const apart = distance(wanted, folded(candidate));
    const tolerated = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    if (apart <= tolerated && apart < bestDistance) {
      best = candidate;
      bestDistance = apart;
    }
  }
  return best;
}

/** `did you mean "loadBalancer"?`, or undefined when nothing is close. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(word, candidates);
  return found === undefined ? undefined : `did you mean "${found}"?`;
}

function folded(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}
