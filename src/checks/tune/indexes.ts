/** Indexes that nothing uses, that another one covers, and tables without a primary key. Nothing is ever dropped. */
import type { IndexSurvey, TableIndex } from '../../cloud/inspection.ts';
import type { Known } from '../../diagnosis/known.ts';
import { check, type CheckTold } from '../check.ts';
import { listed, ok, seenIn, span, unknown, warning, type Judged } from '../judged.ts';
import { dayMs } from '../kit.ts';
import { seen } from './observations.ts';
import { linesOf, sql, unseenThere } from './origins.ts';

const area = 'database';
const catalogue = 'information_schema.statistics';
const counters = 'performance_schema.table_io_waits_summary_by_index_usage';
/** What runs once a week has not run before then. */
const longEnoughMs = 7 * dayMs;

function judging(table: string, judge: (survey: IndexSurvey, told: CheckTold) => Judged) {
  return ({ indexes }: { readonly indexes: Known<IndexSurvey> }, told: CheckTold): Judged => {
    if (!indexes.known) return unseenThere(indexes, sql(told, table));
    const survey = indexes.value;
    if (survey.tables === 0) {
      const text = 'this user sees no table: it needs SELECT on the application\u2019s schema';
      return unknown(text, seenIn(sql(told, table), text), {
        nextStep: 'GRANT SELECT on that schema to the user of database.connection',
      });
    }
    const judged = judge(survey, told);
    if (!survey.truncated || judged.status !== 'ok') return judged;
    return unknown(`${judged.summary}; but there are more than were read`, judged.evidence);
  };
}

export const unusedIndexes = check('tune-unused-indexes', {
  title: 'Unused indexes',
  area,
  severity: 'info',
  needs: { indexes: seen.indexes },
  judge: judging(counters, ({ indexes, usesCounted }, told) => {
    const origin = sql(told, counters);
    if ('not' in usesCounted) {
      return unknown(usesCounted.not, seenIn(origin, usesCounted.not), { nextStep: usesCounted.nextStep });
    }
    const forMs = usesCounted.forS * 1000;
    const unused = indexes.filter(
      ({ uses, isUnique, servesForeignKey }) => uses === 0 && !isUnique && !servesForeignKey,
    );
    const [first] = unused;
    const found = linesOf(
      origin,
      unused,
      (index) => `${nameOf(index)} (${columnsOf(index)}): not used for ${span(forMs)}; ${hiding(index)}`,
    );
    if (first === undefined) {
      return ok(
        `all that only serve reads were used within ${span(forMs)}`,
        seenIn(origin, `${indexes.length} indexes, counted for ${span(forMs)}`),
      );
    }
    const text = `${unused.length} ${unused.length === 1 ? 'index was' : 'indexes were'} not used since this server counts, for ${span(forMs)}: ${listed(unused.map(nameOf))}`;
    if (forMs < longEnoughMs) {
      return unknown(`${text}; too short to tell`, found, { nextStep: 'look again once it has run for 7 days' });
    }
    return warning(text, found, {
      nextStep: `each reader counts for itself: look there too. Then ${hiding(first)} and weeks later, where nothing got slower, drop it`,
    });
  }),
});

export const redundantIndexes = check('tune-redundant-indexes', {
  title: 'Redundant indexes',
  area,
  severity: 'info',
  needs: { indexes: seen.indexes },
  judge: judging(catalogue, ({ indexes }, told) => {
    const origin = sql(told, catalogue);
    const pairs = redundant(indexes);
    const [first] = pairs;
    if (first === undefined)
      return ok(`none of ${indexes.length} indexes is covered by another`, seenIn(origin, `${indexes.length} indexes`));
    return warning(
      `${pairs.length} ${pairs.length === 1 ? 'index is' : 'indexes are'} covered by another: ${listed(pairs.map(({ index }) => nameOf(index)))}`,
      linesOf(
        origin,
        pairs,
        ({ index, by }) =>
          `${nameOf(index)} (${columnsOf(index)}) is covered by ${by.name} (${columnsOf(by)}); ${hiding(index)}`,
      ),
      { nextStep: `${hiding(first.index)} and, once nothing got slower, drop it` },
    );
  }),
});

export const primaryKeys = check('tune-primary-keys', {
  title: 'Primary keys',
  area,
  severity: 'warning',
  needs: { indexes: seen.indexes },
  judge: judging('information_schema.tables', ({ tables, withoutPrimaryKey }, told) => {
    const origin = sql(told, 'information_schema.tables');
    if (withoutPrimaryKey.length === 0) return ok(`all ${tables} tables have one`, seenIn(origin, `${tables} tables`));
    return warning(
      `${withoutPrimaryKey.length} of ${tables} tables ${withoutPrimaryKey.length === 1 ? 'has' : 'have'} none: ${listed(withoutPrimaryKey)}`,
      linesOf(origin, withoutPrimaryKey, (table) => `${table} has no primary key`),
      { nextStep: 'give each one: without it a replica searches the whole table for every row that changes' },
    );
  }),
});

interface Redundant {
  readonly index: TableIndex;
  readonly by: TableIndex;
}

/**
 * An index whose columns another of the same table begins with: reads can use that one as well. A unique one also keeps
 * values unique, and is covered only by one on just the same columns that does too.
 */
export function redundant(indexes: readonly TableIndex[]): readonly Redundant[] {
  const tables = new Map<string, TableIndex[]>();
  for (const index of indexes) {
    if (index.kind !== 'BTREE') continue;
    const key = JSON.stringify([index.schema, index.table]);
    tables.set(key, [...(tables.get(key) ?? []), index]);
  }
  return [...tables.values()].flatMap((siblings) =>
    siblings.flatMap((index) => {
      const by = siblings.find((other) => other !== index && covers(other, index));
      return by === undefined ? [] : [{ index, by }];
    }),
  );
}

function covers(other: TableIndex, index: TableIndex): boolean {
  if (index.name === 'PRIMARY') return false;
  const begins = index.columns.every((column, at) => {
    const there = other.columns[at];
    return there !== undefined && there.name === column.name && there.length === column.length;
  });
  if (!begins) return false;
  const isSame = other.columns.length === index.columns.length;
  if (index.isUnique) return isSame && other.isUnique && isFirst(other, index);
  return !isSame || other.isUnique || isFirst(other, index);
}

/** Of two that are alike one is kept. */
function isFirst(one: TableIndex, other: TableIndex): boolean {
  return one.name === 'PRIMARY' || (other.name !== 'PRIMARY' && one.name < other.name);
}

/** As a person types it. An invisible index is kept, and is back at once (MySQL 8.0 Reference Manual, "Invisible Indexes"). */
function hiding({ schema, table, name }: TableIndex): string {
  const [ofSchema, ofTable, index] = [schema, table, name].map((each) => `\`${each.replaceAll('`', '``')}\``);
  return `ALTER TABLE ${ofSchema}.${ofTable} ALTER INDEX ${index} INVISIBLE;`;
}

function nameOf({ schema, table, name }: TableIndex): string {
  return `${schema}.${table}.${name}`;
}

function columnsOf({ columns }: TableIndex): string {
  return columns.map(({ name, length }) => (length === undefined ? name : `${name}(${length})`)).join(', ');
}
