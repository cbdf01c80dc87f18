/**
 * What gathers while an account is looked through: findings, each with its reason; what could not be looked at; what somebody should
 * know besides. And how one of several is decided on. Knows nothing of what a stack is made of.
 */
import { CloudError, type CloudErrorKind } from '../../cloud/errors.ts';
import { choose, type Candidate } from '../../discovery/choose.ts';
import type { Finding } from '../../discovery/findings.ts';
import { NanoopsError } from '../../errors.ts';
import type { Ask } from './desk.ts';
import { questionOf } from './questions.ts';

/** A part of the account that could not be looked at, or not to its end. */
export interface Unseen {
  /** The top-level key of the file that it is about. */
  readonly part: string;
  readonly region: string;
  /** What it takes; absent where it was no question of permission. */
  readonly iamAction?: string;
  readonly message: string;
}

/** What was decided on, and why. */
export interface Decided<T> {
  readonly value: T;
  readonly why: string;
}

interface Deciding {
  readonly region: string;
  readonly ask?: Ask | undefined;
  /** What somebody said on the command line, by key: `database.cluster`. */
  readonly said: ReadonlyMap<string, string>;
}

const fatal: ReadonlySet<CloudErrorKind> = new Set([
  'credentials-missing',
  'credentials-expired',
  'credentials-invalid',
  'refused-by-guard',
]);

export class Gathering {
  readonly #wanted: Deciding;
  readonly #findings: Finding[] = [];
  readonly #unseen: Unseen[] = [];
  readonly #notes: string[] = [];

  constructor(wanted: Deciding) {
    this.#wanted = wanted;
  }

  /** Everything, once the look is over. */
  all(): {
    readonly findings: readonly Finding[];
    readonly unseen: readonly Unseen[];
    readonly notes: readonly string[];
  } {
    return { findings: this.#findings, unseen: this.#unseen, notes: this.#notes };
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  /** Tells of what was not looked at, for another reason than a refusal. */
  miss(unseen: Unseen): void {
    this.#unseen.push(unseen);
  }

  /** True once something is told of the key: found, left open, or absent. */
  isTold(key: string): boolean {
    return this.#findings.some((each) => each.key === key);
  }

  /** Credentials that do not hold end it; whatever else is refused is told, and the rest goes on. */
  async look<T>(part: string, ask: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof CloudError) || fatal.has(error.kind)) throw error;
      const { iamAction } = error.details;
      const seen = { part, region: error.details.region, message: error.message };
      const again = this.#unseen.some((each) => each.part === part && each.message === error.message);
      if (!again) this.#unseen.push(error.kind === 'permission' ? { ...seen, iamAction } : seen);
      return otherwise;
    }
  }

  /** What is chosen, by somebody or because it is clearly best; undefined where there is nothing, or none is. */
  async decide<T>(key: string, candidates: readonly Candidate<T>[], only: string): Promise<Decided<T> | undefined> {
    const said = this.#said(key, candidates);
    if (said !== undefined) return { value: said.value, why: 'as you said' };
    const choice = choose(candidates);
    if (choice.kind === 'none') return undefined;
    if (choice.kind === 'chosen') {
      const { value, why } = choice.candidate;
      if (choice.among === 1) return { value, why: why.length > 0 ? why.join('; ') : only };
      return { value, why: `${why.join('; ') || 'its name'}; the best of ${choice.among}` };
    }
    const choices = choice.candidates.map(({ name, why }) => ({ name, why: why.join('; ') }));
    const { ask } = this.#wanted;
    if (ask !== undefined) {
      const answer = await ask({ key, choices, ...questionOf(key) });
      const chosen = choice.candidates.find(({ name }) => name === answer);
      return chosen && { value: chosen.value, why: 'as you chose' };
    }
    if (key === 'compute.service') throw ambiguous(choices, this.#wanted.region);
    this.#findings.push({ key, kind: 'open', candidates: choices });
    return undefined;
  }

  /** A service may be said without its cluster, where one alone bears the name. */
  #said<T>(key: string, candidates: readonly Candidate<T>[]): Candidate<T> | undefined {
    const name = this.#wanted.said.get(key);
    if (name === undefined) return undefined;
    this.#used.add(key);
    const exact = candidates.find((each) => each.name === name);
    if (exact !== undefined) return exact;
    const tails = candidates.filter((each) => each.name.endsWith(`/${name}`));
    const [tail] = tails;
    if (tails.length === 1 && tail !== undefined) return tail;
    throw new NanoopsError(
      tails.length > 1
        ? `${key}: there are several that are called ${name}`
        : `${key}: there is no ${name} among what was found`,
      {
        code: 'NoSuchChoice',
        exitCode: 2,
        details: listed(tails.length > 1 ? tails : candidates),
        nextStep: 'choose one of these, or leave it out: what is clearly best is taken',
      },
    );
  }

  readonly #used = new Set<string>();

  /** What was said of a key that nothing asked for would be a typing error that nobody is told of. */
  refuseUnused(): void {
    const unused = [...this.#wanted.said.keys()].filter((key) => !this.#used.has(key));
    const [key] = unused;
    if (key === undefined) return;
    throw new NanoopsError(`--choose ${key}: nothing of the kind was found, so there is nothing to choose`, {
      code: 'NoSuchChoice',
      exitCode: 2,
      nextStep: 'leave it out, and write it into the file by hand where it is right',
    });
  }

  found(key: string, value: string | number, why: string): void {
    this.#findings.push({ key, kind: 'found', value, why });
  }

  absent(key: string, why?: string): void {
    if (this.isTold(key)) return;
    const [part] = key.split('.');
    const blocked = this.#unseen.find((each) => each.part === part);
    const reason =
      why ??
      (blocked && `could not be looked at${blocked.iamAction === undefined ? '' : `: needs ${blocked.iamAction}`}`);
    this.#findings.push({ key, kind: 'absent', ...(reason === undefined ? {} : { why: reason }) });
  }

  settle<T>(key: string, chosen: Decided<T> | undefined, value: (of: T) => string): void {
    if (chosen === undefined) this.absent(key);
    else this.found(key, value(chosen.value), chosen.why);
  }

  /** For the end of a look that found no part of a stack. */
  nothingFound(): NanoopsError {
    const { region } = this.#wanted;
    const details = this.#unseen.map(({ message }) => message);
    if (details.length > 0) {
      return new NanoopsError(`no part of a stack could be seen in ${region}`, {
        code: 'NothingSeen',
        exitCode: 3,
        details,
        nextStep: 'mend what is listed, or choose another account with --profile or another region with --region',
      });
    }
    return new NanoopsError(
      `nothing of a stack is in ${region}: no ECS service, Application Load Balancer, Aurora cluster or cache`,
      {
        code: 'NothingFound',
        exitCode: 3,
        nextStep: 'choose the region with --region, and the account with --profile',
      },
    );
  }
}

const mostListed = 12;

function listed(candidates: readonly { readonly name: string }[]): readonly string[] {
  const names = candidates.slice(0, mostListed).map(({ name }) => name);
  const left = candidates.length - names.length;
  return left > 0 ? [...names, `and ${left} more`] : names;
}

function ambiguous(choices: readonly { readonly name: string; readonly why: string }[], region: string): NanoopsError {
  const named = choices.map(({ name, why }) => ({ name: why === '' ? name : `${name}: ${why}` }));
  return new NanoopsError(`${choices.length} ECS services in ${region} could be the one, and nothing says which`, {
    code: 'AmbiguousService',
    exitCode: 3,
    details: listed(named),
    nextStep: `say which: nanoops init --yes --service ${choices[0]?.name ?? '<name>'}`,
  });
}
