/** Comma-separated values as RFC 4180 has them, strictly: what is not that is an error with its file and line. */

/** Something wrong with what the user gave: arguments, folders, files. */
export class BadInput extends Error {}

/**
 * @param {string} text
 * @param {string} file what errors call it
 * @returns {string[][]} rows, all as wide as the first
 */
export function parseCsv(text, file) {
  /** @type {string[][]} */
  const rows = [];
  const lines = text.replace(/^\uFEFF/u, '').split(/\r?\n/u);
  if (lines.at(-1) === '') lines.pop();
  for (const [index, line] of lines.entries()) {
    const row = parseLine(line, `${file}:${index + 1}`);
    const width = rows[0]?.length ?? row.length;
    if (row.length !== width) {
      throw new BadInput(`${file}:${index + 1} has ${row.length} fields where the first line has ${width}.`);
    }
    rows.push(row);
  }
  if (rows.length === 0) throw new BadInput(`${file} is empty.`);
  return rows;
}

/** @param {string} line @param {string} place */
function parseLine(line, place) {
  /** @type {string[]} */
  const fields = [];
  let rest = line;
  for (;;) {
    const field = /^(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/u.exec(rest);
    if (field === null) throw new BadInput(`${place} has a quote that is not closed, or text after one that is.`);
    fields.push(field[1] === undefined ? (field[2] ?? '') : field[1].replaceAll('""', '"'));
    if (field[3] === '') return fields;
    rest = rest.slice(field[0].length);
  }
}

/**
 * @param {string} text
 * @param {string} place
 * @returns {number} NaN for an empty field
 */
export function numberOf(text, place) {
  if (text.trim() === '') return Number.NaN;
  const number = Number(text);
  if (!Number.isFinite(number)) throw new BadInput(`${place}: "${text}" is no number.`);
  return number;
}
