/** Writes the policies that some work needs: what is looked at, what is changed, what nanoops keeps and tells. Pure. */
import { actionsFor } from './actions.ts';
import { arnIn, type Ground } from './ground.ts';
import { scopeOf } from './resources.ts';

/** What is to be allowed, as `service:Operation`. */
export interface Work {
  readonly look: readonly string[];
  readonly act: readonly string[];
  /** Operations of nanoops' own state, on its table. */
  readonly state: readonly string[];
  /** The same for creating it. */
  readonly stateInit: readonly string[];
  /** What a team's own runbooks and checks look at, and change: of what these are about nothing is known here. */
  readonly ownLook?: readonly string[];
  readonly ownAct?: readonly string[];
  /** Those by which somebody is told. */
  readonly tell: readonly string[];
  /** Those by which secrets of the configuration are read. */
  readonly secrets: readonly string[];
  /** Those by which the roles of the configuration are assumed. */
  readonly assume: readonly string[];
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export interface Policies {
  readonly documents: readonly PolicyDocument[];
  /** Actions that are allowed on everything, and why. */
  readonly everything: readonly { readonly action: string; readonly because: string }[];
  /** Actions that are left out, since the configuration has no use for them. */
  readonly unused: readonly string[];
}

/**
 * Characters of a managed policy, without white space (IAM User Guide, "IAM and AWS STS quotas").
 */
export const longestPolicy = 6_144;

const everywhere = '*';

/** `ground` absent: nothing is known of the stack, and everything is allowed on everything. */
export function policiesFor(work: Work, ground: Ground | undefined): Policies {
  const everything = new Map<string, string>();
  const unused = new Set<string>();
  const acts = new Set(work.act);
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ['Look', work.look],
    ['Act', work.act],
    ['OwnLook', work.ownLook ?? []],
    ['OwnAct', work.ownAct ?? []],
    ['Tell', work.tell],
    ['Secrets', work.secrets],
    ['Assume', work.assume],
  ];
  const statements = parts.flatMap(([sid, operations]) => {
    const scoped = new Map<string, { readonly actions: string[]; readonly arns: readonly string[] }>();
    const open: string[] = [];
    // What an acting step needs besides, it may have from looking already.
    for (const action of actionsFor(operations)) {
      const isOwn = sid.startsWith('Own');
      const scope = ground === undefined ? unknownScope : isOwn ? ownScope : scopeOf(action, ground, acts);
      if (scope.kind === 'unused') {
        unused.add(action);
      } else if (scope.kind === 'everything') {
        everything.set(action, scope.because);
        open.push(action);
      } else {
        // What has conditions of its own stands alone.
        const key = `${conditionOf(action) === undefined ? '' : action} ${scope.arns.join(' ')}`;
        const group = scoped.get(key);
        if (group === undefined) scoped.set(key, { actions: [action], arns: scope.arns });
        else group.actions.push(action);
      }
    }
    return named(sid, open, [...scoped.values()]);
  });
  const kept = [...statements, ...stateStatements(work, ground)].filter(({ Action: actions }) => actions.length > 0);
  return {
    documents: packed(kept),
    everything: [...everything].map(([action, because]) => ({ action, because })),
    unused: [...unused].toSorted(),
  };
}

const unknownScope = { kind: 'everything', because: 'no stack is configured' } as const;

const ownScope = {
  kind: 'everything',
  because: 'a runbook or check of your own names what it is about: narrow it down to that',
} as const;

/** A role is passed to tasks, and to nothing else (IAM User Guide, "Granting a user permissions to pass a role"). */
function conditionOf(action: string): Statement['Condition'] {
  return action === 'iam:PassRole' ? { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } } : undefined;
}

function named(
  sid: string,
  open: readonly string[],
  scoped: readonly { readonly actions: readonly string[]; readonly arns: readonly string[] }[],
): readonly Statement[] {
  const free = open.filter((action) => conditionOf(action) === undefined);
  const groups = [
    ...(free.length === 0 ? [] : [{ name: sid, actions: free, resource: everywhere }]),
    ...open
      .filter((action) => conditionOf(action) !== undefined)
      .map((action) => ({ name: `${sid}${pascal(action)}`, actions: [action], resource: everywhere })),
    ...scoped.map(({ actions, arns }) => ({
      name: `${sid}${pascal(actions.length === 1 ? (actions[0] ?? '') : (actions[0]?.split(':')[0] ?? ''))}`,
      actions,
      resource: arns.length === 1 ? (arns[0] ?? everywhere) : arns,
    })),
  ];
  const seen = new Map<string, number>();
  return groups.map(({ name, actions, resource }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const condition = actions.map(conditionOf).find((each) => each !== undefined);
    return {
      Sid: count === 1 ? name : `${name}${count}`,
      Effect: 'Allow',
      Action: actions,
      Resource: resource,
      ...(condition === undefined ? {} : { Condition: condition }),
    };
  });
}

/** IAM takes letters and digits in the id of a statement. */
function pascal(text: string): string {
  return text.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

function stateStatements({ state, stateInit }: Work, ground: Ground | undefined): readonly Statement[] {
  const table = ground?.table;
  // Without a table there is none to be allowed: state is kept in files.
  if (ground !== undefined && table === undefined) return [];
  const resource =
    ground === undefined || table === undefined
      ? everywhere
      : arnIn(ground, 'dynamodb', table.region, `table/${table.name}`);
  return [
    { Sid: 'State', Effect: 'Allow', Action: actionsFor(state), Resource: resource },
    { Sid: 'StateInit', Effect: 'Allow', Action: actionsFor(stateInit), Resource: resource },
  ];
}

/** As few documents as hold them in order, none longer than IAM takes. */
function packed(statements: readonly Statement[]): readonly PolicyDocument[] {
  const documents: Statement[][] = [];
  for (const statement of statements.flatMap(fitting)) {
    const last = documents.at(-1);
    if (last !== undefined && sizeOf(documentOf([...last, statement])) <= longestPolicy) last.push(statement);
    else documents.push([statement]);
  }
  return documents.map(documentOf);
}

/** A statement that is too long for a document of its own, as several of the same resources. */
function fitting(statement: Statement): readonly Statement[] {
  const { Action: actions, Sid: id } = statement;
  if (sizeOf(documentOf([statement])) <= longestPolicy || actions.length < 2) return [statement];
  const half = Math.ceil(actions.length / 2);
  return [
    ...fitting({ ...statement, Sid: `${id}A`, Action: actions.slice(0, half) }),
    ...fitting({ ...statement, Sid: `${id}B`, Action: actions.slice(half) }),
  ];
}

function documentOf(statements: readonly Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

/** As IAM counts. */
export function sizeOf(document: PolicyDocument): number {
  return JSON.stringify(document).replaceAll(/\s/g, '').length;
}
