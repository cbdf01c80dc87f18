/** Messages that wait, as files: one process sends each, and what a dead one took comes back. */
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileOutbox } from '../../src/state/file-outbox.ts';
import { newFolder } from '../commands/operator.ts';

const minuteMs = 60_000;
const nowMs = 1_800_000_000_000;

async function filesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(join(folder, 'outbox'), { recursive: true })).filter((name) => name.includes('.'));
}

test('keeps in order, each name once, for its owner alone', async () => {
  const folder = await newFolder();
  const box = fileOutbox(folder, 'nano-api prod');
  await box.keep('slack b', 'second', nowMs + 1);
  await box.keep('slack a', 'first', nowMs);
  await box.keep('slack a', 'again', nowMs + 2);
  expect((await box.list(nowMs)).map(({ text, keptAt }) => [text, keptAt])).toEqual([
    ['first', nowMs],
    ['second', nowMs + 1],
  ]);
  for (const name of await filesIn(folder)) {
    expect((await stat(join(folder, 'outbox', name))).mode & 0o777).toBe(0o600);
  }
});

test('nobody else\u2019s messages are seen', async () => {
  const folder = await newFolder();
  await fileOutbox(folder, 'nano-api prod').keep('slack a', 'first', nowMs);
  expect(await fileOutbox(folder, 'nano-api staging').list(nowMs)).toEqual([]);
});

test('of two who take one, one has it; it is gone for the other until it is given back', async () => {
  const box = fileOutbox(await newFolder(), 'a');
  await box.keep('n', 'text', nowMs);
  const [{ id } = { id: '' }] = await box.list(nowMs);
  expect((await Promise.all([box.take(id, nowMs), box.take(id, nowMs)])).toSorted()).toEqual([false, true]);
  expect(await box.list(nowMs)).toEqual([]);
  await box.keep('n', 'text', nowMs + 1);
  expect(await box.list(nowMs)).toEqual([]);
  await box.giveBack(id);
  expect(await box.list(nowMs)).toHaveLength(1);
  await box.remove(id);
  expect(await box.list(nowMs)).toEqual([]);
});

test('what a process took and never sent comes back after ten minutes', async () => {
  const box = fileOutbox(await newFolder(), 'a');
  await box.keep('n', 'text', nowMs);
  const [{ id } = { id: '' }] = await box.list(nowMs);
  await box.take(id, nowMs);
  expect(await box.list(nowMs + 9 * minuteMs)).toEqual([]);
  expect(await box.taken()).toEqual([{ id, keptAt: nowMs, text: 'text' }]);
  expect(await box.list(nowMs + 10 * minuteMs)).toMatchObject([{ id, text: 'text' }]);
});

test('what else lies there is none of its business', async () => {
  const folder = await newFolder();
  const box = fileOutbox(folder, 'a');
  await box.keep('n', 'text', nowMs);
  const [own = ''] = await readdir(join(folder, 'outbox'));
  await writeFile(join(folder, 'outbox', own, 'notes.json'), 'x');
  await mkdir(join(folder, 'outbox', own, 'more'));
  expect(await box.list(nowMs)).toHaveLength(1);
});

test('no more than a thousand wait', async () => {
  const folder = await newFolder();
  const box = fileOutbox(folder, 'a');
  await box.keep('n', 'text', nowMs);
  const [own = ''] = await readdir(join(folder, 'outbox'));
  for (let index = 1; index < 1_000; index += 1) await writeFile(join(folder, 'outbox', own, `${index}`), '');
  await expect(box.keep('one more', 'text', nowMs)).rejects.toMatchObject({ kind: 'unwritable' });
});
