/**
 * What index might help a statement: text for a person to judge, never a statement that anybody runs. Where the shape of
 * a statement does not prove which table and columns are meant, there is no candidate.
 */

export interface IndexCandidate {
  readonly statement: string;
  readonly reason: string;
  /** As the statement names it. */
  readonly table: string;
  /** Without quotes, in order. */
  readonly columns: readonly string[];
}

/** Enough for a person to judge; what is longer was written by a machine. */
const longestShape = 4_000;
/** MySQL 8.0 Reference Manual, "Identifier Length Limits". */
const longestName = 64;

const word = '(?:`[^`]{1,64}`|[A-Za-z_$][\\w$]{0,63})';
const name = `${word}(?:\\.${word}){0,2}`;

const singleTable = new RegExp(
  `^(?:SELECT\\b.*? FROM|UPDATE|DELETE FROM) (?!LOW_PRIORITY\\b|IGNORE\\b|ONLY\\b)(${name})(?: (?:AS )?(?!WHERE\\b|ORDER\\b|GROUP\\b|LIMIT\\b|SET\\b|USE\\b|FORCE\\b|IGNORE\\b)${word})?(?= (?:SET|WHERE|GROUP BY|ORDER BY|LIMIT)\\b|$)`,
  'i',
);
/** Whatever reads more than one table, or a function that is written with FROM. */
const beyondJudgement =
  /\b(?:JOIN|UNION|EXCEPT|INTERSECT|EXISTS|EXTRACT|TRIM|SUBSTRING|SUBSTR)\b|.\bSELECT\b|\bMATCH ?\(/i;

const equality = new RegExp(`^(${name}) ?(?:=|<=>) ?\\?$|^(${name}) IN ?\\(\\?\\)$|^(${name}) IS NULL$`, 'i');
const range = new RegExp(`^(${name}) ?(?:<|>|<=|>=) ?\\?$|^(${name}) BETWEEN \\?$`, 'i');
const contains = new RegExp(`^(${name}) LIKE '%\\?'$`, 'i');
const sorted = new RegExp(`^(${name})(?: ASC| DESC)?$`, 'i');
const negated = new RegExp(`^NOT\\b`, 'i');

/**
 * An index that may serve a single-table SELECT, UPDATE or DELETE: its equality columns, then one range or the sort
 * columns (MySQL 8.0 Reference Manual, "Multiple-Column Indexes"). Undefined for what this cannot judge, and where a
 * column called `id`, by all convention the primary key, already finds the row. `schema`: in which the statement ran, so that the
 * candidate can be typed from any.
 */
export function indexCandidate(shape: string, schema?: string): IndexCandidate | undefined {
  if (shape.length > longestShape || beyondJudgement.test(shape)) return undefined;
  const table = singleTable.exec(shape)?.[1];
  if (table === undefined) return undefined;
  const where = clause(shape, 'WHERE') ?? '';
  if (/\b(?:OR|XOR|CASE)\b|\|\|/i.test(where)) return undefined;
  const terms = conjuncts(where.replaceAll(/\bBETWEEN \? AND \?/gi, 'BETWEEN ?'));
  const equal = columnsIn(terms, equality);
  if (equal.some((column) => bare(column).toLowerCase() === 'id')) return undefined;
  const ranges = columnsIn(terms, range).filter((column) => !equal.includes(column));
  const sort = sortColumns(shape);
  const limited = /\bLIMIT\b/i.test(shape);
  // Sorting a whole table is no work for an index; finding its first rows, or those of one value, is.
  const tail = ranges.length > 0 ? ranges.slice(0, 1) : equal.length > 0 || limited ? sort : [];
  const columns = [...new Set([...equal, ...tail])];
  if (columns.length > 0) {
    const kind = tail.length === 0 ? undefined : ranges.length > 0 ? 'the range' : 'the sort order';
    return {
      statement: `CREATE INDEX ${indexName('idx', table, columns)} ON ${placed(table, schema)} (${columns.join(', ')});`,
      reason: reasonFor(equal.length, kind),
      table,
      columns: columns.map(bare),
    };
  }
  const [text] = columnsIn(terms, contains);
  return text === undefined
    ? undefined
    : {
        statement: `CREATE FULLTEXT INDEX ${indexName('ft', table, [text])} ON ${placed(table, schema)} (${text});`,
        reason: 'LIKE with a leading wildcard cannot use a B-tree index; MATCH \u2026 AGAINST can use this one',
        table,
        columns: [bare(text)],
      };
}

/** The terms that must all hold; what stands in parentheses stays together. */
function conjuncts(where: string): readonly string[] {
  const terms: string[] = [];
  let open: string[] = [];
  let depth = 0;
  for (const part of where.split(/ (?:AND|&&) /i)) {
    open.push(part);
    depth += part.split('(').length - part.split(')').length;
    if (depth !== 0) continue;
    terms.push(open.join(' AND ').trim());
    open = [];
  }
  return terms;
}

function reasonFor(equalities: number, tail: string | undefined): string {
  if (equalities === 0) return tail === 'the range' ? 'it serves the range' : 'it gives the sort order';
  return tail === undefined ? 'it serves the equality' : `equality columns first, then ${tail}`;
}

function clause(shape: string, keyword: 'WHERE' | 'ORDER BY'): string | undefined {
  const [, rest] = shape.split(new RegExp(` ${keyword} `, 'i'), 2);
  return rest?.split(/ (?:GROUP BY|HAVING|ORDER BY|LIMIT|FOR UPDATE|FOR SHARE|LOCK IN)\b/i, 1)[0];
}

function sortColumns(shape: string): readonly string[] {
  const items = clause(shape, 'ORDER BY')?.split(/ ?, ?/) ?? [];
  const columns = columnsIn(
    items.map((item) => item.trim()),
    sorted,
  );
  return columns.length === items.length ? columns : [];
}

/** The columns of the terms that are of this form, as they were written, without their table. */
function columnsIn(terms: readonly string[], form: RegExp): readonly string[] {
  return terms.flatMap((term) => {
    const found = negated.test(term)
      ? undefined
      : form
          .exec(term)
          ?.slice(1)
          .find((group) => group !== undefined);
    return found === undefined ? [] : [last(found)];
  });
}

function indexName(prefix: string, table: string, columns: readonly string[]): string {
  const text = [prefix, last(table), ...columns].map((part) => bare(part).replaceAll(/\W/g, '_')).join('_');
  return text.slice(0, longestName);
}

/** With its schema, where the statement left that out. */
function placed(table: string, schema: string | undefined): string {
  if (schema === undefined || last(table) !== table) return table;
  return `${/^[A-Za-z_$][\w$]*$/.test(schema) ? schema : `\`${schema.replaceAll('`', '``')}\``}.${table}`;
}

/** The last part of a qualified name, quoted as it was. */
function last(qualified: string): string {
  return new RegExp(`${word}$`).exec(qualified)?.[0] ?? qualified;
}

function bare(part: string): string {
  return part.replaceAll('`', '');
}
