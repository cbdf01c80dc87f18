/**
 * A process that appends to a journal, for tests of several: `node … race|once|die <folder> <run id> …`. Tells on stdout,
 * as JSON, what came of it.
 */
import { join } from 'node:path';
import { StateError } from '../../src/engine/journal-store.ts';
import { alone } from '../../src/state/append-lock.ts';
import { fileJournalStore } from '../../src/state/file-journal.ts';

const [task, folder = '', runId = '', ...rest] = process.argv.slice(2);
const journals = fileJournalStore(folder);

function recordOf(seq: number, stepId: string) {
  return { version: 1, previous: '0', hash: '1', event: { type: 'step.started', stepId, seq, at: seq } } as const;
}

/** Appends at the end, wherever that is, until `count` records got through. */
async function race(name: string, count: number): Promise<unknown> {
  const written: number[] = [];
  let conflicts = 0;
  let next = (await journals.read(runId)).records.length + 1;
  while (written.length < count) {
    try {
      await journals.append(runId, [recordOf(next, name)]);
      written.push(next);
    } catch (error) {
      if (!(error instanceof StateError) || error.kind !== 'conflict') throw error;
      conflicts += 1;
    }
    next += 1;
  }
  return { written, conflicts };
}

/** Appends one record of a size. */
async function once(seq: number, length: number): Promise<unknown> {
  try {
    await journals.append(runId, [recordOf(seq, 'x'.repeat(length))]);
    return { kept: true };
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return { kept: false, kind: error.kind, message: error.message, nextStep: error.details.nextStep };
  }
}

/** Is killed in the middle of an append. */
async function die(): Promise<unknown> {
  return alone(join(folder, 'runs', runId), async () => process.kill(process.pid, 'SIGKILL'));
}

const tasks = new Map<string | undefined, () => Promise<unknown>>([
  ['race', () => race(rest[0] ?? '', Number(rest[1]))],
  ['once', () => once(Number(rest[0]), Number(rest[1]))],
  ['die', die],
]);
console.log(JSON.stringify(await tasks.get(task)?.()));
