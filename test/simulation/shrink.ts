/** Shortens a script that fails, for as long as what is left still fails. */
import type { Outcome } from './play.ts';
import type { Script } from './script.ts';

export interface Shortened {
  readonly script: Script;
  readonly outcome: Outcome;
}

/** Shrinking is for people: it ends after so many tries. */
const mostTries = 60;

/** The shortest script found; undefined where nothing shorter than the first one fails. `fails` gives what came of it where it does. */
export async function shortened(
  first: Script,
  fails: (script: Script) => Promise<Outcome | undefined>,
): Promise<Shortened | undefined> {
  let best: Shortened | undefined;
  let script = first;
  let tries = 0;
  for (let again = true; again && tries < mostTries;) {
    again = false;
    for (const shorter of shorterThan(script)) {
      tries += 1;
      const outcome = await fails(shorter);
      if (outcome !== undefined) {
        script = shorter;
        best = { script, outcome };
        again = true;
        break;
      }
      if (tries >= mostTries) break;
    }
  }
  return best;
}

/** Scripts with one thing less in them, the largest steps first. */
function* shorterThan(script: Script): Generator<Script> {
  const { mishaps, runbooks, timeoutMs: _limit, ...rest } = script;
  const half = Math.ceil(mishaps.length / 2);
  if (mishaps.length > 2) {
    yield { ...script, mishaps: mishaps.slice(0, half) };
    yield { ...script, mishaps: mishaps.slice(half) };
  }
  for (const index of mishaps.keys()) yield { ...script, mishaps: mishaps.toSpliced(index, 1) };
  if (runbooks.length > 1) yield { ...script, runbooks: runbooks.slice(0, -1) };
  if (script.timeoutMs !== undefined) yield { ...rest, mishaps, runbooks };
  if (script.answers !== 'yes') yield { ...script, answers: 'yes' };
  if (script.afterwards !== 'continue') yield { ...script, afterwards: 'continue' };
  if (!script.heartbeat) yield { ...script, heartbeat: true };
}
