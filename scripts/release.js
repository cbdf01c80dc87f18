/**
 * Releases nanoops: sees whether everything is fit for it, and publishes with a proof of provenance, which npm makes only in a
 * CI job that has an identity of its own (examples/github/release.yaml). Anywhere else it says what it would run.
 *
 *     node scripts/release.js --dry-run               all that stands in the way; publishes nothing anywhere
 *     node scripts/release.js --dry-run --no-check    without `npm run check`, which takes minutes
 *     node scripts/release.js                         in CI: publishes
 *
 * Ends with 1 where something stands in the way, with 2 for words that it does not know.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

import { auditText, audited } from './audit.js';
import { pack } from './pack.js';

const root = dirname(import.meta.dirname);

/** npm runs these where a package is installed, of some sources. */
const installScripts = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];
const required = ['README.md', 'LICENSE', 'CHANGELOG.md', 'dist/sbom.cdx.json', 'dist/THIRD-PARTY-LICENSES.txt'];

/**
 * What speaks against releasing this commit.
 *
 * @param {{ status: string, isOnMain: boolean, tag?: string, version: string }} tree `status`: as `git status --porcelain` prints it
 */
export function treeFaults({ status, isOnMain, tag, version }) {
  const changed = status.split('\n').filter((line) => line !== '');
  return [
    ...(changed.length === 0 ? [] : [`the tree is not clean: ${changed.join(', ')}`]),
    ...(isOnMain ? [] : ['the commit is not on main']),
    ...(tag === undefined || tag === `v${version}` ? [] : [`the tag is ${tag}, and the version ${version}`]),
  ];
}

/**
 * Does the changelog tell of this version? By https://keepachangelog.com/en/1.1.0/: the newest heading below `[Unreleased]`, with its day.
 *
 * @param {string} changelog
 * @param {string} version
 */
export function changelogFaults(changelog, version) {
  const headings = [...changelog.matchAll(/^## \[([^\]]+)\](?: - (\S+))?$/gm)];
  const at = headings.findIndex(([, name]) => name === version);
  const [heading] = headings.slice(at, at + 1);
  if (at === -1 || heading === undefined) return [`CHANGELOG.md has no heading "## [${version}] - <day>"`];
  const [, , day = ''] = heading;
  const newest = headings.find(([, name]) => name !== 'Unreleased')?.[1];
  const end = headings[at + 1]?.index ?? changelog.length;
  const entries = changelog.slice(heading.index, end).match(/^- \S/gm) ?? [];
  return [
    ...(/^\d{4}-\d{2}-\d{2}$/.test(day) ? [] : [`CHANGELOG.md: ${version} has no day, as in 2026-01-31`]),
    ...(newest === version ? [] : [`CHANGELOG.md: ${newest} stands above ${version}`]),
    ...(entries.length > 0 ? [] : [`CHANGELOG.md tells nothing of ${version}`]),
  ];
}

/**
 * What is wrong with a tarball that was unpacked.
 *
 * @param {{ files: readonly string[], manifest: Record<string, unknown>, bill: unknown, licenses: string }} content
 */
export function packageFaults({ files, manifest, bill, licenses }) {
  const { name, version, scripts = {}, dependencies = {} } = manifest;
  /** @type {{ metadata?: { component?: { name?: string, version?: string } }, components?: { name: string, version: string }[] }} */
  const { metadata: { component } = {}, components = [] } = Object(bill);
  const unlicensed = components.filter((each) => !licenses.includes(`${each.name} ${each.version} (`));
  return [
    ...required.filter((path) => !files.includes(path)).map((path) => `${path} is not in it`),
    ...installScripts.filter((script) => script in Object(scripts)).map((script) => `npm would run its "${script}"`),
    ...Object.keys(Object(dependencies)).map((each) => `it would have ${each} installed beside it`),
    ...(component?.name === name && component?.version === version
      ? []
      : [`its bill of materials is not of ${String(version)}`]),
    ...(components.length > 0 ? [] : ['its bill of materials is empty']),
    ...unlicensed.map((each) => `the licence of ${each.name}@${each.version} is not in it`),
  ];
}

/**
 * What is published is never taken back: that nothing grave is known of it has to be known.
 *
 * @param {import('./audit.js').Findings} findings
 */
export function vulnerabilityFaults(findings) {
  return 'grave' in findings && findings.grave.length === 0 ? [] : [auditText(findings)];
}

/**
 * The repository whose job this is; undefined where npm can prove no provenance: outside of CI, and in a job without `id-token: write`.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export function provenBy({ GITHUB_ACTIONS, GITHUB_SERVER_URL, GITHUB_REPOSITORY, ACTIONS_ID_TOKEN_REQUEST_URL }) {
  const isProven = GITHUB_ACTIONS === 'true' && ACTIONS_ID_TOKEN_REQUEST_URL !== undefined;
  return isProven && GITHUB_REPOSITORY !== undefined
    ? `${GITHUB_SERVER_URL ?? 'https://github.com'}/${GITHUB_REPOSITORY}`
    : undefined;
}

/** @param {string[]} words */
async function git(...words) {
  const { stdout } = await execa('git', words, { cwd: root });
  return stdout;
}

async function mainHasIt() {
  for (const main of ['main', 'origin/main']) {
    const { exitCode } = await execa('git', ['merge-base', '--is-ancestor', 'HEAD', main], {
      cwd: root,
      reject: false,
    });
    if (exitCode === 0) return true;
  }
  return false;
}

/** Is the version there already, which npm never lets anybody replace? @param {{ name: string, version: string }} manifest */
async function publishedFaults({ name, version }) {
  const { exitCode, stdout, stderr } = await execa('npm', ['view', `${name}@${version}`, 'version', '--json'], {
    cwd: root,
    reject: false,
  });
  if (exitCode === 0 && stdout.trim() !== '') return [`${name} ${version} is published already`];
  if (exitCode === 0 || /E404/.test(`${stdout}${stderr}`)) return [];
  return [`whether ${version} is published already could not be asked: ${stderr.split('\n')[0] ?? ''}`];
}

/** @param {string} tarball */
async function contentOf(tarball) {
  const folder = dirname(tarball);
  const { stdout } = await execa('tar', ['--list', '--file', tarball]);
  await execa('tar', ['--extract', '--file', tarball, '--directory', folder]);
  const inside = (/** @type {string} */ path) => readFile(join(folder, 'package', path), 'utf8').catch(() => '');
  const [manifest, bill, licenses] = await Promise.all(
    ['package.json', 'dist/sbom.cdx.json', 'dist/THIRD-PARTY-LICENSES.txt'].map(inside),
  );
  return {
    files: stdout.split('\n').map((path) => path.replace(/^package\//, '')),
    manifest: JSON.parse(manifest ?? '{}'),
    bill: JSON.parse(bill || '{}'),
    licenses: licenses ?? '',
  };
}

const digestOf = async (/** @type {string} */ file) =>
  createHash('sha512')
    .update(await readFile(file))
    .digest('base64');

/**
 * One thing that has to hold, told in a line, with what does not below it.
 *
 * @param {string} title
 * @param {() => Promise<{ faults?: readonly string[], note?: string }>} look
 * @returns {Promise<boolean>}
 */
async function holds(title, look) {
  const { faults = [], note } = await look();
  console.log(`${faults.length === 0 ? '✓' : '✗'} ${title}${note === undefined ? '' : `: ${note}`}`);
  for (const fault of faults) console.log(`  ${fault}`);
  return faults.length === 0;
}

/** @param {{ isDry: boolean, isChecked: boolean }} wanted */
async function release({ isDry, isChecked }) {
  const { env } = process;
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { version } = manifest;
  const scratch = await mkdtemp(join(tmpdir(), 'nanoops-release-'));
  try {
    const repository = provenBy(env);
    let tarball = '';
    const parts = [
      () =>
        holds('the tree', async () => ({
          faults: treeFaults({
            status: await git('status', '--porcelain'),
            isOnMain: await mainHasIt(),
            version,
            ...(env.GITHUB_REF_TYPE === 'tag' && { tag: env.GITHUB_REF_NAME }),
          }),
        })),
      () =>
        holds(`the changelog of ${version}`, async () => ({
          faults: changelogFaults(await readFile(join(root, 'CHANGELOG.md'), 'utf8'), version),
        })),
      () => holds('the version is free', async () => ({ faults: await publishedFaults(manifest) })),
      () =>
        holds('npm run check', async () => {
          if (!isChecked) return { note: 'left out, as you said' };
          const { exitCode } = await execa('npm', ['run', 'check'], { cwd: root, reject: false, stdio: 'inherit' });
          return exitCode === 0 ? {} : { faults: [`it ended with ${exitCode}`] };
        }),
      () =>
        holds('two builds give the same bytes', async () => {
          const folders = ['first', 'second'].map((name) => join(scratch, name));
          const digests = [];
          for (const folder of folders) {
            await mkdir(folder);
            tarball = await pack(folder, repository);
            digests.push(await digestOf(tarball));
          }
          const [first, second] = digests;
          return first === second ? { note: `sha512-${first}` } : { faults: [`sha512-${first}`, `sha512-${second}`] };
        }),
      () => holds('what is in it', async () => ({ faults: packageFaults(await contentOf(tarball)) })),
      () =>
        holds('vulnerabilities', async () => {
          const findings = await audited();
          const faults = vulnerabilityFaults(findings);
          return faults.length > 0 ? { faults } : { note: auditText(findings) };
        }),
    ];
    let isFit = true;
    for (const part of parts) isFit = (await part()) && isFit;
    const publish = ['publish', tarball, '--provenance', '--access', 'public'];
    console.log(`\nnpm ${publish.map((word) => (word === tarball ? basename(word) : word)).join(' ')}`);
    if (!isFit) {
      console.log('Not published: what is marked with ✗ stands in the way.');
      return 1;
    }
    if (isDry || repository === undefined) {
      console.log(
        isDry
          ? 'Not published: a dry run.'
          : 'Not published: only a CI job with an identity can prove where it was built.',
      );
      return isDry ? 0 : 1;
    }
    const { exitCode } = await execa('npm', publish, { cwd: scratch, reject: false, stdio: 'inherit' });
    return exitCode ?? 1;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2);
  const unknown = words.filter((word) => !['--dry-run', '--no-check'].includes(word));
  const [isDry, isChecked] = [words.includes('--dry-run'), !words.includes('--no-check')];
  if (unknown.length > 0 || (!isDry && !isChecked)) {
    process.stderr.write(
      `${unknown.length > 0 ? `not known: ${unknown.join(' ')}` : 'what is published is checked: leave out --no-check'}\nusage: node scripts/release.js [--dry-run [--no-check]]\n`,
    );
    process.exitCode = 2;
  } else {
    process.exitCode = await release({ isDry, isChecked });
  }
}
