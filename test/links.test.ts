/** No page of the documentation leads nowhere, and every page can be reached from the README. */
import { access, readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

async function linksOf(page: string): Promise<string[]> {
  const text = (await readFile(page, 'utf8')).replaceAll(/```[^]*?```/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.split('#')[0] ?? '')
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(page), target));
}

test('every link leads to a file, and every page is reached from the README', async () => {
  const pages = (await readdir(join(root, 'docs'), { recursive: true }))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, 'docs', name));
  const reached = new Set([join(root, 'README.md')]);
  for (const page of reached) {
    for (const target of await linksOf(page)) {
      await expect(
        access(target),
        `${relative(root, page)} links to ${relative(root, target)}`,
      ).resolves.toBeUndefined();
      if (target.endsWith('.md')) reached.add(target);
    }
  }
  expect(pages.filter((page) => !reached.has(page)).map((page) => relative(root, page))).toEqual([]);
});
