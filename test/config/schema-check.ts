/**
 * Judges a value by a JSON Schema, for the keywords that ours use, as the 2020-12 drafts define them. An unknown keyword
 * is an error, so that none is silently let through.
 */
type Json = Readonly<Record<string, unknown>>;

const annotations = new Set(['$schema', '$id', '$defs', 'title', 'description', 'default', 'examples', 'format']);

/** Where the value breaks the schema; nothing when it does not. */
export function violations(schema: object, value: unknown): string[] {
  const root = objectOf(schema);
  return check(root, root, value, '$');
}

function check(root: Json, schema: Json, value: unknown, at: string): string[] {
  const found: string[] = [];
  const fail = (keyword: string) => found.push(`${at}: ${keyword}`);
  const sub = (inner: unknown, part: unknown, where = at) => check(root, objectOf(inner), part, where);
  const record = isObject(value) ? value : {};
  for (const [keyword, rule] of Object.entries(schema)) {
    switch (keyword) {
      case 'type':
        if (![rule].flat().some((type) => isOfType(value, type))) fail(`type ${String(rule)}`);
        break;
      case 'const':
        if (value !== rule) fail(keyword);
        break;
      case 'enum':
        if (!listOf(rule).includes(value)) fail(keyword);
        break;
      case 'pattern':
        if (typeof value === 'string' && !new RegExp(String(rule), 'u').test(value)) fail(`pattern ${String(rule)}`);
        break;
      case 'minLength':
        if (typeof value === 'string' && value.length < Number(rule)) fail(keyword);
        break;
      case 'minItems':
        if (Array.isArray(value) && value.length < Number(rule)) fail(keyword);
        break;
      case 'minimum':
        if (typeof value === 'number' && value < Number(rule)) fail(keyword);
        break;
      case 'maximum':
        if (typeof value === 'number' && value > Number(rule)) fail(keyword);
        break;
      case 'required':
        for (const key of listOf(rule))
          if (isObject(value) && !Object.hasOwn(value, String(key))) fail(`required ${String(key)}`);
        break;
      case 'properties':
        for (const [key, inner] of Object.entries(objectOf(rule))) {
          if (Object.hasOwn(record, key)) found.push(...sub(inner, record[key], `${at}.${key}`));
        }
        break;
      case 'additionalProperties':
        for (const key of Object.keys(record)) {
          if (Object.hasOwn(objectOf(schema['properties'] ?? {}), key)) continue;
          if (rule === false) fail(`unknown ${key}`);
          else if (isObject(rule)) found.push(...sub(rule, record[key], `${at}.${key}`));
        }
        break;
      case 'propertyNames':
        for (const key of Object.keys(record)) found.push(...sub(rule, key));
        break;
      case 'maxItems':
        if (Array.isArray(value) && value.length > Number(rule)) fail(`more than ${String(rule)} items`);
        break;
      case 'items':
        if (Array.isArray(value)) value.forEach((item, index) => found.push(...sub(rule, item, `${at}[${index}]`)));
        break;
      case 'anyOf':
        if (!listOf(rule).some((each) => sub(each, value).length === 0)) fail(keyword);
        break;
      case 'oneOf':
        if (listOf(rule).filter((each) => sub(each, value).length === 0).length !== 1) fail(keyword);
        break;
      case '$ref':
        found.push(
          ...sub(
            String(rule)
              .slice(2)
              .split('/')
              .reduce<unknown>((part, key) => objectOf(part)[key], root),
            value,
          ),
        );
        break;
      default:
        if (!annotations.has(keyword)) throw new Error(`${at} uses ${keyword}, which is not known here`);
    }
  }
  return found;
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown): Json {
  if (isObject(value)) return value;
  throw new Error('a schema must be an object');
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error('a list was expected');
}
