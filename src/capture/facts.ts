/** Facts that are written down as they are answered, and facts that answer from what was written down. */
import { CloudError } from '../cloud/errors.ts';
import type { Facts } from '../cloud/facts.ts';
import type { Clock } from '../engine/clock.ts';
import type { CapturedAnswer, CapturedFailure } from './capture.ts';
import { cleanText, cleanValue } from './clean.ts';

/**
 * The same facts, cleaned, and told to `keep`. Whoever asks gets what is kept, so that what he makes of it now he makes of it
 * ever after.
 */
export function recordedFacts(facts: Facts, clock: Clock, keep: (answer: CapturedAnswer) => void): Facts {
  return eachFact(facts, (fact, ask) => async (...asked) => {
    const began = clock.now();
    const kept = { fact, asked: cleanAsked(asked) };
    try {
      const value = cleanValue(plain(await ask(...asked)));
      keep({ ...kept, tookMs: clock.now() - began, ...(value === undefined ? {} : { value }) });
      return value;
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      const told = cleanFailure(error);
      keep({ ...kept, tookMs: clock.now() - began, error: told });
      throw failureFrom(told);
    }
  });
}

/** What a capture does not hold was not seen: who asks for it is told so, and goes on without. */
export function replayedFacts(answers: readonly CapturedAnswer[], clock: Clock): Facts {
  const exact = new Map<string, CapturedAnswer[]>();
  for (const answer of answers) add(exact, keyOf(answer.fact, answer.asked), answer);
  const answerTo = async (fact: string, asked: readonly unknown[]): Promise<unknown> => {
    const known = exact.get(keyOf(fact, cleanAsked(asked)));
    // The same question may have been asked twice: in turn, and the last answer from then on.
    const answer = known !== undefined && known.length > 1 ? known.shift() : known?.[0];
    if (answer === undefined) throw notCaptured(fact);
    await clock.sleep(answer.tookMs);
    if (answer.error !== undefined) throw failureFrom(answer.error);
    return structuredClone(answer.value);
  };
  // Any fact can be asked for; a promise's `then` is none.
  return new Proxy({} as Facts, {
    get: (_facts, name) =>
      typeof name !== 'string' || name === 'then' ? undefined : (...asked: unknown[]) => answerTo(name, asked),
  });
}

type Ask = (...asked: readonly unknown[]) => Promise<unknown>;

function eachFact(facts: Facts, wrap: (name: string, ask: Ask) => Ask): Facts {
  const wrapped = Object.entries(facts).map(([name, ask]) => [name, wrap(name, ask as unknown as Ask)]);
  return Object.fromEntries(wrapped);
}

function keyOf(fact: string, asked: readonly unknown[]): string {
  return `${fact} ${JSON.stringify(asked)}`;
}

function add<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

/** A replay asks by the names of a configuration that was cleaned. */
function cleanAsked(asked: readonly unknown[]): readonly unknown[] {
  return asked.map((each) => cleanValue(plain(each)));
}

/** As a file holds it. */
function plain<T>(value: T): T {
  return value === undefined ? value : JSON.parse(JSON.stringify(value));
}

function cleanFailure({ kind, message, details }: CloudError): CapturedFailure {
  const cleaned = Object.entries(details).map(([name, value]) => [name, cleanValue(value)]);
  return { kind, message: cleanText(message), details: { ...details, ...Object.fromEntries(cleaned) } };
}

function failureFrom({ kind, message, details }: CapturedFailure): CloudError {
  return new CloudError(kind, message, details);
}

function notCaptured(fact: string): CloudError {
  return new CloudError('not-simulated', `the capture holds no answer to this question (${fact})`, {
    service: 'capture',
    operation: fact,
    region: 'capture',
    iamAction: 'none',
    nextStep: 'ask the stack itself, without --replay; or make another capture',
  });
}
