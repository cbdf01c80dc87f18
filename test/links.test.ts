/** No page of the documentation leads nowhere, and every page can be reached from the README. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

interface Link {
  readonly target: string;
  /** What follows `#`; empty where the page as a whole is meant. */
  readonly section: string;
}

async function proseOf(page: string): Promise<string> {
  return (await readFile(page, 'utf8')).replaceAll(/```[^]*?```/g, '');
}

async function linksOf(page: string): Promise<readonly Link[]> {
  return [...(await proseOf(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, address = '']) => address)
    .filter((address) => !/^[a-z]+:/.test(address))
    .map((address) => {
      const [path = '', section = ''] = address.split('#');
      return { target: path === '' ? page : join(dirname(page), path), section };
    });
}

/** The names under which a page's headings can be linked to, as GitHub makes them. */
async function sectionsOf(page: string): Promise<readonly string[]> {
  return [...(await proseOf(page)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('every link leads to a file and a section of it, and every page is reached from the README in two clicks', async () => {
  const pages = (await readdir(join(root, 'docs'), { recursive: true }))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, 'docs', name));
  /** How many clicks it takes; a page is looked at after all that are nearer. */
  const reached = new Map([[join(root, 'README.md'), 0]]);
  const broken: string[] = [];
  for (const [page, clicks] of reached) {
    for (const { target, section } of await linksOf(page)) {
      const told = `${relative(root, page)} links to ${relative(root, target)}`;
      if (!existsSync(target)) broken.push(told);
      else if (section !== '' && !(await sectionsOf(target)).includes(section)) broken.push(`${told}#${section}`);
      else if (target.endsWith('.md') && !reached.has(target)) reached.set(target, clicks + 1);
    }
  }
  expect(broken).toEqual([]);
  const far = pages.filter((page) => (reached.get(page) ?? Infinity) > 2);
  expect(far.map((page) => relative(root, page))).toEqual([]);
});
