/**
 * Packs what is published: the bundle, its licences and its bill of materials, with a manifest that holds what users need and
 * nothing that npm would run at theirs. `npm pack` in a clone gives the same files, with the clone's own manifest.
 *
 *     node scripts/pack.js <folder>      builds, and puts nanoops-<version>.tgz there
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = dirname(import.meta.dirname);

/** What is of use in a clone only. */
const ofTheClone = ['scripts', 'devDependencies'];

/** npm packs these beside `files`, whatever that says. */
const always = ['README.md', 'LICENSE'];

/**
 * @param {Record<string, unknown>} manifest as the clone has it
 * @param {string} [repository] where its source is: what a proof of provenance has to name
 */
export function publishedManifest(manifest, repository) {
  const kept = Object.entries(manifest).filter(([key]) => !ofTheClone.includes(key));
  return {
    ...Object.fromEntries(kept),
    ...(repository === undefined ? {} : { repository: { type: 'git', url: `git+${repository}.git` } }),
  };
}

/**
 * Builds and packs.
 *
 * @param {string} into a folder that is there
 * @param {string} [repository] `https://github.com/owner/name`
 * @returns {Promise<string>} the tarball
 */
export async function pack(into, repository) {
  await execa(process.execPath, [join(root, 'scripts/build.js')], { cwd: root });
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const stage = await mkdtemp(join(tmpdir(), 'nanoops-pack-'));
  try {
    for (const name of [...manifest.files, ...always]) {
      await cp(join(root, name), join(stage, name), { recursive: true });
    }
    const text = JSON.stringify(publishedManifest(manifest, repository), undefined, 2);
    await writeFile(join(stage, 'package.json'), `${text}\n`);
    const { stdout } = await execa('npm', ['pack', stage, '--silent', '--pack-destination', resolve(into)], {
      cwd: into,
    });
    return join(resolve(into), stdout.trim());
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [into] = process.argv.slice(2);
  if (into === undefined) {
    process.stderr.write('usage: node scripts/pack.js <folder>\n');
    process.exitCode = 2;
  } else {
    console.log(await pack(into));
  }
}
