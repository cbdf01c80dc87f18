/**
 * Plans as `EXPLAIN FORMAT=JSON` gives them, of MySQL 8.0 and of MariaDB alike: names, access types and estimates are taken;
 * conditions, which hold values, are not (MySQL 8.0 Reference Manual, "EXPLAIN Output Format"; MariaDB Knowledge Base, "EXPLAIN FORMAT=JSON").
 */
import type { PlannedTable, StatementPlan } from '../../cloud/inspection.ts';

/** Deeper than the server nests anything. */
const deepest = 60;

/** Undefined for what is no such document. */
export function readPlan(json: string): StatementPlan | undefined {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!isRecord(document) || !isRecord(document['query_block'])) return undefined;
  const plan = { tables: [] as PlannedTable[], sortsRows: false, usesTemporaryTable: false };
  walk(document, plan, 0);
  return plan;
}

function walk(
  node: unknown,
  plan: { tables: PlannedTable[]; sortsRows: boolean; usesTemporaryTable: boolean },
  depth: number,
): void {
  if (depth > deepest) return;
  if (Array.isArray(node)) for (const each of node) walk(each, plan, depth + 1);
  if (!isRecord(node)) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'using_filesort') plan.sortsRows ||= value === true;
    else if (key === 'filesort') plan.sortsRows = true;
    else if (key === 'using_temporary_table') plan.usesTemporaryTable ||= value === true;
    else if (key === 'temporary_table') plan.usesTemporaryTable = true;
    else if (key === 'table' && isRecord(value)) plan.tables.push(...tableIn(value));
    walk(value, plan, depth + 1);
  }
}

/** What the server makes itself (`<derived2>`, `<union1,2>`) is no table that an index could help. */
function tableIn(node: Readonly<Record<string, unknown>>): readonly PlannedTable[] {
  const { table_name: name, access_type: access, key } = node;
  if (typeof name !== 'string' || typeof access !== 'string' || name.startsWith('<')) return [];
  const told = node['rows_examined_per_scan'] ?? node['rows'];
  const rows = typeof told === 'number' || typeof told === 'string' ? Number(told) : Number.NaN;
  return [
    {
      table: name,
      access,
      ...(typeof key === 'string' ? { index: key } : {}),
      ...(Number.isFinite(rows) ? { rows } : {}),
    },
  ];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
