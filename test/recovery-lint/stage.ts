/** The sandbox's own stack, changed where a test wants it, and a runbook, linted with a region taken to be gone. */
import { parseConfig } from '../../src/config/load.ts';
import { stackOf } from '../../src/config/stack.ts';
import type { DnsRecord } from '../../src/cloud/recovery-facts.ts';
import type { CredentialSources } from '../../src/recovery-lint/input.ts';
import { lintRecovery } from '../../src/recovery-lint/lint.ts';
import type { LintInput } from '../../src/recovery-lint/input.ts';
import type { Graph } from '../../src/recovery-lint/path.ts';
import { stepsFor } from '../../src/engine/steps-for.ts';
import { sandboxConfig } from '../../src/sandbox/sandbox.ts';

const { approve, ...steps } = stepsFor<object, object, object>();
export const { observe, decide, act, wait, verify } = steps;

/** Steps by which hand-made runbooks are built: nothing of them is ever run. */
const never = (): never => {
  throw new TypeError('a lint runs nothing');
};
export const look = { run: never, detail: never };
export const consent = approve('consent', { title: 'Agree', ask: never });
const conclusion = decide('conclusion', { title: 'In short', ...look });

export const doing = { approval: consent, change: never, look: never, apply: never };
export const polling = { withinMs: 60_000, poll: never };

const calm: Graph = { id: 'calm', steps: [conclusion], conclusion };

/** Gives a graph of these steps, in the order in which each stands after what it needs. */
export function graph(...given: Graph['steps']): Graph {
  return { id: 'hand-made', steps: [...given, conclusion], conclusion };
}

const record: DnsRecord = { name: 'api.nano.example', type: 'CNAME', ttl: 60, values: ['nano-alb.example'] };

export interface Wanted {
  readonly impaired?: string;
  readonly runbook?: Graph;
  /** Laid over the sandbox's own configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly credentials?: CredentialSources;
  readonly records?: LintInput['records'];
  readonly plannedMoves?: LintInput['plannedMoves'];
}

export function lint(wanted: Wanted = {}) {
  const config = parseConfig({ ...sandboxConfig, ...wanted.config }, 'a test');
  const stack = stackOf(config);
  const checks = lintRecovery({
    impaired: wanted.impaired ?? 'us-west-2',
    runbook: wanted.runbook ?? calm,
    config,
    stack,
    layout: {
      primary: stack.primary.region,
      recovery: stack.recovery?.region ?? '',
      traffic: stack.traffic,
      globalCluster: stack.globalCluster,
    },
    ...(wanted.credentials === undefined ? {} : { credentials: wanted.credentials }),
    records: 'records' in wanted ? wanted.records : { known: true, value: [record] },
    plannedMoves: wanted.plannedMoves ?? [],
  });
  return {
    checks,
    check: (id: string) => {
      const found = checks.find((each) => each.id === id);
      if (found === undefined) throw new TypeError(`there is no check "${id}"`);
      return found;
    },
  };
}
