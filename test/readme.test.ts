/** What the README promises about permissions is what the code declares, no more and no less. */
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { iamActionOf } from '../src/iam/actions.ts';
import { callsOf, changesOf } from '../src/engine/runbook.ts';
import { builtInRunbook, listRunbooks } from '../src/use-cases/runbooks.ts';

interface Statement {
  readonly Sid: string;
  readonly Action: readonly string[];
}

/** Those that move a stack to another region have a page of their own. */
const moves = (id: string): boolean => id.startsWith('region-');
const stepsOf = (wanted: (id: string) => boolean) =>
  listRunbooks().items.flatMap(({ id }) => (wanted(id) ? (builtInRunbook(id)?.steps ?? []) : []));
const steps = stepsOf((id) => !moves(id));
let promised: ReadonlyMap<string, readonly string[]>;
let promisedForMoves: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  promised = await policiesIn('../README.md');
  promisedForMoves = await policiesIn('../docs/recovery.md');
});

async function policiesIn(file: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = await readFile(new URL(file, import.meta.url), 'utf8');
  const statements = [...text.matchAll(/```json\n(\{[^]*?\n\})\n```/g)]
    .map(([, json]) => JSON.parse(json ?? ''))
    .filter((each) => each.Version === '2012-10-17')
    .flatMap((policy): readonly Statement[] => policy.Statement);
  return new Map(statements.map(({ Sid: id, Action: actions }) => [id, actions]));
}

/** The actions that allow these operations, in order and each once. */
function actionsFor(operations: readonly string[]): readonly string[] {
  const actions = operations.map((each) => {
    const [service = '', operation = ''] = each.split(':');
    return iamActionOf(service, operation);
  });
  return [...new Set(actions)].toSorted();
}

test('what is to be allowed is told for looking, for acting, and for the table', () => {
  expect([...promised.keys()]).toEqual(['Look', 'Act', 'State', 'StateInit']);
});

test('the policy for looking is what the diagnoses need', () => {
  expect(steps.length).toBeGreaterThan(50);
  expect(promised.get('Look')).toEqual(actionsFor(callsOf(steps)));
});

test('the policy for acting is what the runbooks may change', () => {
  expect(promised.get('Act')).toEqual(actionsFor(changesOf(steps)));
});

test('the policies for moving to another region are what its runbooks call, beside what the diagnoses do', () => {
  expect([...promisedForMoves.keys()]).toEqual(['LookBeforeMoving', 'Move']);
  const own = stepsOf(moves);
  const known = new Set(promised.get('Look'));
  expect(promisedForMoves.get('LookBeforeMoving')).toEqual(actionsFor(callsOf(own)).filter((each) => !known.has(each)));
  expect(promisedForMoves.get('Move')).toEqual(actionsFor(changesOf(own)));
});

test('the policy for the table is what its client may send', async () => {
  const guard = await readFile(new URL('../src/aws/state/state-guard.ts', import.meta.url), 'utf8');
  const list = /stateOperations: ReadonlySet<string> = new Set\(\[([^\]]+)\]/.exec(guard)?.[1] ?? '';
  const sent = [...list.matchAll(/'(\w+)'/g)].flatMap(([, operation = '']) =>
    // A transaction is allowed by what is in it (Service Authorization Reference, "Amazon DynamoDB").
    operation === 'TransactWriteItems' ? ['PutItem', 'UpdateItem'] : [operation],
  );
  const allowed = [...(promised.get('State') ?? []), ...(promised.get('StateInit') ?? [])];
  expect(allowed.toSorted()).toEqual(actionsFor(sent.map((operation) => `dynamodb:${operation}`)));
});

test('the policy for telling is what the clients of those who are told may send', async () => {
  const told = (await policiesIn('../docs/notifications.md')).get('Tell');
  const files = ['notify/sns.ts', 'notify/eventbridge.ts', 'own-metrics.ts'];
  const sources = await Promise.all(
    files.map((file) => readFile(new URL(`../src/aws/${file}`, import.meta.url), 'utf8')),
  );
  const sent = sources.flatMap((source) =>
    [...source.matchAll(/(?:changes: |only = )\['([\w:]+)'/g)].map(([, name = '']) => name),
  );
  expect(sent).toHaveLength(files.length);
  expect(told).toEqual(actionsFor(sent));
});
