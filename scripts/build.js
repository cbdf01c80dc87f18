/**
 * Bundles src/ into dist/: CommonJS, split so that a command loads only what it uses, everything from npm included, and
 * the licences of all of it and a bill of materials beside it. Fails rather than ship something that would load a package at run time, carry
 * two copies of the AWS SDK, or lack a licence. Why CommonJS and why not minified: docs/decisions/0002.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { builtinModules, createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { rolldown } from 'rolldown';
import { licensePlugin } from 'rolldown-license-plugin';

const root = dirname(import.meta.dirname);
const dist = join(root, 'dist');
/** @type {{ name: string, version: string, license: string }} */
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** Licences that allow their text to be bundled with notice given, which THIRD-PARTY-LICENSES.txt does. */
const acceptedLicenses = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'MIT-0'];

/** @type {string[]} */
const problems = [];

/**
 * commander loads node:child_process (and with it the network stack, 3 ms of 25) for subcommands that are programs of
 * their own. nanoops has none, so the module is loaded when it is first used: never.
 *
 * @type {import('rolldown').Plugin}
 */
const lazyChildProcess = {
  name: 'lazy-child-process',
  resolveId(source, importer) {
    const wanted = source === 'node:child_process' && importer?.includes('/node_modules/commander/') === true;
    return wanted ? '\0lazy-child-process.cjs' : null;
  },
  load(id) {
    if (id !== '\0lazy-child-process.cjs') return null;
    return "exports.spawn = (...args) => require('node:child_process').spawn(...args);";
  },
};

/**
 * Packages that a dependency would use where somebody installed them, in functions that nanoops does not call: here they are
 * never installed, and whoever asks for one is told so, as without the bundle.
 *
 * @type {import('rolldown').Plugin}
 */
const absentPackages = {
  name: 'absent-packages',
  resolveId(source) {
    return ['@node-rs/xxhash', '@opentelemetry/api'].includes(source) ? '\0absent-package.cjs' : null;
  },
  load(id) {
    return id === '\0absent-package.cjs' ? "throw new Error('This package is not part of nanoops.');" : null;
  },
};

/** @param {import('rolldown-license-plugin').LicenseInfo[]} dependencies */
function thirdPartyLicenses(dependencies) {
  /** @type {Map<string, string[]>} one text, and who is under it */
  const byText = new Map();
  for (const { name, version, license, licenseText } of dependencies) {
    if (!acceptedLicenses.includes(license)) problems.push(`${name}@${version} is under "${license}"`);
    const text = licenseText.trim() || `(Without a copy of its own; the text of ${license} is in this file.)`;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const sections = [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  const rule = `\n${'='.repeat(80)}\n\n`;
  return `nanoops contains the following software of others, under these licences.\n${rule}${sections.join(rule)}`;
}

/**
 * What the bundle is made of, as CycloneDX 1.6 (ECMA-424), for whoever asks which packages of others nanoops brings along: its
 * package.json names none, since all of them are in the bundle.
 *
 * @param {import('rolldown-license-plugin').LicenseInfo[]} dependencies
 */
function billOfMaterials(dependencies) {
  const { name, version, license } = manifest;
  /** @param {{ name: string, version: string, license: string }} component */
  const described = (component) => ({
    name: component.name,
    version: component.version,
    licenses: [{ license: { id: component.license } }],
    purl: `pkg:npm/${component.name.replace(/^@/u, '%40')}@${component.version}`,
  });
  const components = dependencies.map((dependency) => ({ type: 'library', ...described(dependency) }));
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', ...described({ name, version, license }) } },
    components: components.toSorted((a, b) => (a.purl < b.purl ? -1 : 1)),
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

/**
 * The whole clients, for calls that teams name themselves, are a bundle of their own: in one with nanoops' own calls, the modules that
 * both share would be loaded whole by every command.
 */
const wholeClients = 'src/aws/named/packages.ts';

/** @type {import('rolldown').Plugin} */
const apart = {
  name: 'whole-clients-apart',
  resolveId(source, importer) {
    if (importer === undefined || !source.startsWith('.')) return null;
    // As seen from dist/chunks.
    return join(dirname(importer), source) === join(root, wholeClients)
      ? { id: '../named/packages.js', external: true }
      : null;
  },
};

/** @type {Map<string, import('rolldown-license-plugin').LicenseInfo>} */
const dependencies = new Map();

/** @param {Record<string, string>} input @param {readonly import('rolldown').Plugin[]} plugins */
async function bundled(input, plugins) {
  const bundle = await rolldown({
    input,
    platform: 'node',
    // The SDK's `main` is CommonJS, which cannot be shaken.
    resolve: { mainFields: ['module', 'main'] },
    moduleTypes: { '.yaml': 'text' },
    transform: { target: 'node20.19' },
    plugins: [
      ...plugins,
      lazyChildProcess,
      absentPackages,
      licensePlugin({
        done(found) {
          for (const each of found) dependencies.set(`${each.name}@${each.version}`, each);
        },
      }),
    ],
    onLog(level, log) {
      if (level === 'warn') problems.push(log.message);
    },
  });
  const { output } = await bundle.generate({
    format: 'cjs',
    // `import()` of Node's own modules becomes `require`, too: the ES module loader takes 5 ms to wake up.
    dynamicImportInCjs: false,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
  });
  await bundle.close();
  const files = new Set([...output.map((file) => file.fileName), '../named/packages.js']);
  for (const file of output) {
    if (file.type !== 'chunk') continue;
    for (const imported of [...file.imports, ...file.dynamicImports]) {
      if (!files.has(imported) && !builtinModules.includes(imported.replace(/^node:/u, ''))) {
        problems.push(`${file.fileName} would load "${imported}" at run time`);
      }
    }
    for (const id of Object.keys(file.modules)) {
      if (/\/@(?:aws-sdk|smithy)\/.*\/dist-cjs\//u.test(id)) problems.push(`${id} is the SDK's CommonJS copy`);
    }
  }
  return output;
}

const output = [
  // The second is what teams import, who write runbooks of their own: of the same modules.
  ...(await bundled({ main: join(root, 'src/main.ts'), index: join(root, 'src/api.ts') }, [apart])),
  ...(await bundled({ packages: join(root, wholeClients) }, [])).map((file) => ({
    ...file,
    fileName: `named/${file.fileName}`,
  })),
];
const licenses = thirdPartyLicenses(
  [...dependencies.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1)),
);
if (problems.length > 0) throw new Error(`The bundle is not fit to ship:\n  ${problems.join('\n  ')}`);

await rm(dist, { recursive: true, force: true });
for (const folder of ['chunks', 'named/chunks']) await mkdir(join(dist, folder), { recursive: true });
await writeFile(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
await writeFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), licenses);
await writeFile(join(dist, 'sbom.cdx.json'), billOfMaterials([...dependencies.values()]));
for (const file of output) {
  await writeFile(join(dist, file.fileName), file.type === 'chunk' ? file.code : file.source);
}

// What a team's own runbooks are typed by.
const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
await promisify(execFile)(process.execPath, [join(dirname(compiler), 'bin/tsc'), '--project', 'tsconfig.api.json'], {
  cwd: root,
});
const types = join(dist, 'types');
for (const name of await readdir(types, { recursive: true })) {
  if (!name.endsWith('.d.ts')) continue;
  const text = await readFile(join(types, name), 'utf8');
  // Whoever installs nanoops has no package of which it is made, and would get `any` in its place.
  const [, foreign] = /(?:from |import\()['"]([^.'"][^'"]*)['"]/.exec(text.replaceAll(/\/\*[^]*?\*\//g, '')) ?? [];
  if (foreign !== undefined) throw new Error(`dist/types/${name} is typed by "${foreign}", which is not shipped`);
}
