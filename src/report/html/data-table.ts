/**
 * Tables that are read on a phone as well: on a narrow screen each row becomes a block and each cell gets its column's
 * title. The roles stand there in words, since browsers forget a table's own once it is laid out otherwise.
 */
import { markup, type Content, type Markup } from './html.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Content;
  /** For numbers and times. */
  readonly right?: boolean;
  /** For a word or two that stay on one line. */
  readonly brief?: boolean;
  /** The cell that names the row. */
  readonly names?: boolean;
  /** A drawing of what the other cells say: left out on a narrow screen and not read out. */
  readonly bar?: boolean;
}

/**
 * `caption` is read out, not shown: a heading above the table shows it. With `small` it is a table on a phone too, for
 * few columns of short cells.
 */
export function dataTable<Row>(
  caption: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { small = false }: { readonly small?: boolean } = {},
): Markup {
  const look = ({ right, bar, brief }: Column<Row>): string =>
    bar === true ? 'bar' : right === true ? 'right' : brief === true ? 'brief' : 'left';
  return markup`<table role="table" class="${small ? 'figures' : 'data'}">
    <caption class="vh">
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map(
          (column) => markup`<th role="columnheader" scope="col" class="${look(column)}">${column.title}</th>`,
        )}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (row) =>
          markup`<tr role="row">
            ${columns.map((column) =>
              column.names === true
                ? markup`<th role="rowheader" scope="row" class="${look(column)}">${column.cell(row)}</th>`
                : markup`<td role="cell" class="${look(column)}" data-title="${column.title}">
                    <div>${column.cell(row)}</div>
                  </td>`,
            )}
          </tr>`,
      )}
    </tbody>
  </table>`;
}
