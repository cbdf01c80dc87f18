/**
 * X-Ray's entity selectors, as far as they are simulated: `service(x)` and `edge(x, y)`, each of them a name in quotes or
 * `id(name: "…", type: "…", account.id: "…")` (X-Ray Developer Guide, "Use filter expressions").
 */

/** What is not given matches everything. */
export interface SelectedId {
  readonly name?: string;
  readonly type?: string;
  readonly account?: string;
}

export type EntitySelector =
  | { readonly kind: 'all' }
  | { readonly kind: 'service'; readonly id: SelectedId }
  | { readonly kind: 'edge'; readonly from: SelectedId; readonly to: SelectedId };

const text = String.raw`"(?:[^"\\]|\\.)*"`;
const member = String.raw`(?:name|type|account\.id)\s*:\s*${text}`;
const thing = String.raw`${text}|id\(\s*${member}(?:\s*,\s*${member})*\s*\)`;
const serviceOf = new RegExp(String.raw`^service\(\s*(${thing})\s*\)$`);
const edgeOf = new RegExp(String.raw`^edge\(\s*(${thing})\s*,\s*(${thing})\s*\)$`);

/** Undefined where it is not understood. */
export function parseEntitySelector(expression: string | undefined): EntitySelector | undefined {
  const wanted = expression?.trim() ?? '';
  if (wanted === '') return { kind: 'all' };
  const service = serviceOf.exec(wanted)?.[1];
  if (service !== undefined) return { kind: 'service', id: idOf(service) };
  const [, from, to] = edgeOf.exec(wanted) ?? [];
  return from === undefined || to === undefined ? undefined : { kind: 'edge', from: idOf(from), to: idOf(to) };
}

function idOf(written: string): SelectedId {
  if (written.startsWith('"')) return { name: unquoted(written) };
  const members = new Map<string, string>();
  for (const [, key = '', value = ''] of written.matchAll(
    new RegExp(String.raw`(name|type|account\.id)\s*:\s*(${text})`, 'g'),
  )) {
    members.set(key, unquoted(value));
  }
  const [name, type, account] = ['name', 'type', 'account.id'].map((key) => members.get(key));
  return {
    ...(name === undefined ? {} : { name }),
    ...(type === undefined ? {} : { type }),
    ...(account === undefined ? {} : { account }),
  };
}

function unquoted(written: string): string {
  return written.slice(1, -1).replaceAll(/\\(.)/g, '$1');
}
