/**
 * Plain data: what survives being written as JSON and read back. Whatever a run may need again after a crash (plans,
 * outputs, conclusions) is of it.
 */

export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain | undefined };

export type PlainRecord = { readonly [key: string]: Plain | undefined };

/** Says that a value would not come back from a journal as it went in. */
class NotPlainError extends Error {
  override readonly name = 'NotPlainError';
}

/**
 * The value as it would come back from JSON: members that are `undefined` are gone.
 *
 * @throws NotPlainError for what JSON would lose or change: maps, sets, dates, functions, bigints, NaN, infinities.
 */
export function plainOf(value: unknown, where = 'the value'): Plain {
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'object') {
    const what = typeof value === 'number' ? String(value) : `a ${typeof value}`;
    throw new NotPlainError(`${where} is ${what}, which JSON cannot hold`);
  }
  if (value === null) return null;
  if (Array.isArray(value)) {
    // Not `map`, which leaves holes as they are.
    return Array.from(value, (item, index) => (item === undefined ? null : plainOf(item, `${where}[${index}]`)));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotPlainError(`${where} is a ${value.constructor.name}, which JSON cannot hold`);
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  // `fromEntries` defines members: one that is called `__proto__` stays one, and cannot hide from a hash.
  return Object.fromEntries(members.map(([key, member]) => [key, plainOf(member, `${where}.${key}`)]));
}

/** JSON with the members of objects in order of their names: equal values give equal texts. */
export function canonicalJson(value: Plain | undefined): string {
  if (value === undefined) return 'null';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(byName)
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/**
 * `canonicalJson(plainOf(value))` in one go: of a long journal every event is written so.
 *
 * @throws NotPlainError as `plainOf` does.
 */
export function canonicalTextOf(value: unknown, where = 'the value'): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return String(value);
  // What is not plain is told by who knows where it is.
  if (typeof value !== 'object') return canonicalJson(plainOf(value, where));
  if (Array.isArray(value)) {
    let items = '';
    for (const [index, item] of value.entries()) {
      items += `${index === 0 ? '' : ','}${item === undefined ? 'null' : canonicalTextOf(item, `${where}[${index}]`)}`;
    }
    return `[${items}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return canonicalJson(plainOf(value, where));
  let members = '';
  for (const [key, member] of Object.entries(value).toSorted(byName)) {
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalTextOf(member, `${where}.${key}`)}`;
  }
  return `{${members}}`;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
