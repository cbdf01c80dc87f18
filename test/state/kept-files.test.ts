/** What checks keep: read back as it was, by its owner alone, and told where it cannot be. */
import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keptFiles } from '../../src/state/kept-files.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'nanoops-kept-'));

test('nothing at first, then what was kept last, for each stack its own', async () => {
  const folder = await newFolder();
  const kept = keptFiles(folder);
  expect(await kept.load('a/prod')).toEqual({});
  await kept.save('a/prod', { 'weekly-error-logs': [1] });
  await kept.save('a/prod', { 'weekly-error-logs': [2] });
  await kept.save('A/prod', { 'weekly-error-logs': [3] });
  expect(await keptFiles(folder).load('a/prod')).toEqual({ 'weekly-error-logs': [2] });
  const names = await readdir(join(folder, 'kept'));
  expect(names).toHaveLength(2);
  for (const name of names) expect((await stat(join(folder, 'kept', name))).mode & 0o777).toBe(0o600);
});

test.each(['', '{', '[1]', 'null'])('a file that holds %j is no state', async (text) => {
  const folder = await newFolder();
  const kept = keptFiles(folder);
  await kept.save('a', {});
  const [name = ''] = await readdir(join(folder, 'kept'));
  await writeFile(join(folder, 'kept', name), text);
  await expect(kept.load('a')).rejects.toMatchObject({ kind: 'corrupt' });
});

test('a folder that is a file is told, and nothing is lost', async () => {
  const folder = await newFolder();
  await writeFile(join(folder, 'kept'), 'mine');
  await expect(keptFiles(folder).save('a', {})).rejects.toMatchObject({ kind: 'unwritable' });
  expect(await readFile(join(folder, 'kept'), 'utf8')).toBe('mine');
});
