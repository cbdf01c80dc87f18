/**
 * docs/configuration-reference.md, made of what `nanoops config schema` prints, so that the two cannot differ; a test compares them.
 * `node scripts/config-reference.js` writes it anew, from the built program.
 */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The part of JSON Schema that the configuration's schema uses.
 *
 * @typedef {{
 *   type?: string, description?: string, default?: unknown, const?: unknown, enum?: readonly unknown[], pattern?: string,
 *   examples?: readonly unknown[], minimum?: number, maximum?: number, minItems?: number, required?: readonly string[],
 *   properties?: Readonly<Record<string, Schema>>, items?: Schema | boolean, additionalProperties?: Schema | boolean,
 *   oneOf?: readonly Schema[], anyOf?: readonly Schema[], $ref?: string,
 * }} Schema
 */

/** @param {string} text */
const cell = (text) => text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
/** @param {unknown} value */
const code = (value) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

/** What may stand there, in words. @param {Schema} schema @returns {string} */
function kindOf(schema) {
  if (schema.$ref !== undefined) return 'all of this file, each key on its own';
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  const branches = schema.oneOf ?? schema.anyOf;
  if (branches !== undefined) return [...new Set(branches.map(kindOf))].join(' or ');
  switch (schema.type) {
    case 'array': {
      if (schema.items === undefined || typeof schema.items === 'boolean') return 'a list';
      return schema.items.properties === undefined ? `a list of: ${kindOf(schema.items)}` : 'a list of maps';
    }
    case 'object':
      return typeof schema.additionalProperties === 'object' && schema.properties === undefined
        ? `a map to: ${kindOf(schema.additionalProperties)}`
        : 'a map';
    case 'boolean':
      return '`true`, `false`';
    case 'integer':
    case 'number': {
      const { minimum, maximum = Number.MAX_SAFE_INTEGER } = schema;
      const least = minimum === undefined ? '' : ` from ${minimum}`;
      const most = maximum >= Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`;
      return `${schema.type === 'integer' ? 'a whole number' : 'a number'}${least}${most}`;
    }
    case undefined:
    default:
      return textKindOf(schema);
  }
}

/** @param {Schema} schema */
function textKindOf({ examples, pattern = '' }) {
  if (examples !== undefined && examples.length > 0) return `like ${examples.map(code).join(', ')}`;
  if (/^\^\\d\{1,3\}.*%\$$/.test(pattern)) return 'a share, like `99.5%`';
  return pattern.startsWith(String.raw`^\$\{(?:env`) ? 'a reference, like `${env:NAME}`' : 'text';
}

/** @typedef {{ path: string, schema: Schema, need: 'required' | 'in its form' | 'optional' }} Row */

/**
 * Every key below a map, depth first.
 *
 * @param {Schema} schema @param {string} path @returns {readonly Row[]}
 */
function keysOf(schema, path) {
  const inner = typeof schema.items === 'object' ? schema.items : schema;
  const prefix = inner === schema ? path : `${path}[]`;
  const forms = inner.oneOf ?? inner.anyOf ?? [];
  /** @type {Map<string, Row>} */
  const rows = new Map();
  for (const form of [inner, ...forms]) {
    for (const [name, property] of Object.entries(form.properties ?? {})) {
      const isRequired = form.required?.includes(name) ?? false;
      const isShared = form === inner || forms.every(({ properties = {} }) => name in properties);
      const need = !isRequired ? 'optional' : isShared ? 'required' : 'in its form';
      /** @type {Row} */
      const own = { path: `${prefix}.${name}`, schema: property, need };
      for (const row of [own, ...keysOf(property, own.path)]) {
        const known = rows.get(row.path);
        rows.set(row.path, known === undefined ? row : joined(known, row));
      }
    }
  }
  return [...rows.values()];
}

/** Where a map has several forms, a key of more than one of them takes what any of them says. @param {Row} known @param {Row} other @returns {Row} */
function joined(known, other) {
  const need = known.need === other.need ? known.need : 'optional';
  const value = other.schema.const;
  const values = known.schema.enum ?? (known.schema.const === undefined ? [] : [known.schema.const]);
  if (value === undefined || values.length === 0 || values.includes(value)) return { ...known, need };
  const first = known.schema.enum === undefined ? `${code(values[0])}: ` : '';
  const { const: _one, ...rest } = known.schema;
  const description = `${first}${known.schema.description ?? ''} ${code(value)}: ${other.schema.description ?? ''}`;
  return { ...known, need, schema: { ...rest, enum: [...values, value], description } };
}

/** @param {Row} row */
function line({ path, schema, need }) {
  const { default: given } = schema;
  const isTelling = given !== undefined && !(typeof given === 'object' && JSON.stringify(given).length <= 2);
  const fallback =
    need === 'required' ? 'required' : need === 'in its form' ? 'required in its form' : isTelling ? code(given) : '';
  return `| \`${path}\` | ${cell(kindOf(schema))} | ${cell(fallback)} | ${cell(prose(schema.description ?? ''))} |`;
}

/** What Markdown would take for emphasis, outside of code. @param {string} text */
function prose(text) {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part.replaceAll(/[*_<]/g, String.raw`\$&`) : part))
    .join('`');
}

/** The page. @param {Schema} schema what `nanoops config schema` prints */
export function configurationReference(schema) {
  const sections = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const rows = /** @type {Row[]} */ ([
      { path: name, schema: property, need: schema.required?.includes(name) === true ? 'required' : 'optional' },
      ...keysOf(property, name),
    ]);
    return [`## ${name}`, '', '| key | holds | default | |', '| --- | --- | --- | --- |', ...rows.map(line), ''].join(
      '\n',
    );
  });
  return [
    '# Every key of nanoops.yaml',
    '',
    'Made from the schema that `nanoops config schema` prints; how the file is found, overlays and secrets are told in',
    '[Configuration](configuration.md). Durations are written like `90s`, `15m`, `1h30m` or `7d`, shares like `99.5%`.',
    '',
    ...sections,
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, '..');
  const printed = execFileSync(process.execPath, [join(root, 'bin/nanoops.js'), 'config', 'schema'], {
    encoding: 'utf8',
  });
  await writeFile(join(root, 'docs/configuration-reference.md'), configurationReference(JSON.parse(printed)));
}
