/** Where the widgets of a dashboard stand: on a grid of 24 columns, row by row. Pure. */
import type { Json } from '../cloud/monitoring.ts';

const columns = 24;
/** More graphs than that beside each other are too narrow to read. */
const mostInARow = 4;

export type Block =
  | { readonly kind: 'text'; readonly height: number; readonly markdown: string }
  /** The properties of metric widgets, which stand beside each other as far as they fit. */
  | { readonly kind: 'row'; readonly height: number; readonly widgets: readonly Json[] };

/** The widgets of all blocks, from the top down. */
export function placed(blocks: readonly Block[]): readonly Json[] {
  const widgets: Json[] = [];
  let y = 0;
  for (const block of blocks) {
    const { height } = block;
    if (block.kind === 'text') {
      widgets.push({ type: 'text', x: 0, y, width: columns, height, properties: { markdown: block.markdown } });
      y += height;
      continue;
    }
    for (const row of rowsOf(block.widgets)) {
      const width = columns / row.length;
      widgets.push(
        ...row.map((properties, index) => ({ type: 'metric', x: index * width, y, width, height, properties })),
      );
      y += height;
    }
  }
  return widgets;
}

/** As few rows as there can be, of as many widgets each: six are twice three, five are three and two. */
function rowsOf(widgets: readonly Json[]): readonly (readonly Json[])[] {
  const count = Math.ceil(widgets.length / mostInARow);
  const size = Math.ceil(widgets.length / Math.max(1, count));
  return Array.from({ length: count }, (_, index) => widgets.slice(index * size, (index + 1) * size));
}
