/** A list document as a Markdown table. */
import * as markdown from './markdown.ts';
import type { ListDocument } from './schemas.ts';

type Item = ListDocument['items'][number];

/** The table, with an end of line. The first column holds names. */
export function listMarkdown(
  list: ListDocument,
  columns: readonly { readonly title: string; readonly text: (item: Item) => string }[],
): string {
  if (list.items.length === 0) return 'Nothing to list.\n';
  const shown = columns.map(({ title, text }, index) => ({ title, value: text, code: index === 0 }));
  return `${markdown.table(list.items, shown)}\n`;
}
