/** A distribution of durations, drawn: in a terminal, as one SVG, and as a page with its figures. Nothing is loaded. */
import { binsOf, durationText } from './figures.js';

/** @typedef {{ name: string, atMs: number }} Mark a moment to be marked, such as the median */

const barLength = 48;

/**
 * One line a bin, and what lies in it at its end.
 *
 * @param {readonly number[]} values @param {readonly Mark[]} marks
 */
export function histogram(values, marks) {
  const bins = binsOf(values);
  const most = Math.max(...bins.map(({ count }) => count));
  const names = bins.map(({ from }) => durationText(from));
  const width = Math.max(...names.map(({ length }) => length));
  return bins.map(({ from, to, count }, index) => {
    const bar = count === 0 ? '' : '\u2588'.repeat(Math.max(1, Math.round((count / most) * barLength)));
    const here = marks.filter(({ atMs }) => atMs >= from && atMs < to).map(({ name }) => name);
    const told = here.length === 0 ? '' : `  \u2190 ${here.join(', ')}`;
    return `${(names[index] ?? '').padStart(width)} \u2502${bar} ${count}${told}`;
  });
}

const size = { width: 720, height: 300, left: 48, right: 16, top: 64, bottom: 40 };

const style = `
  .drills { --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --bar: #0b63b0; --mark: #9a3412; --page: #ffffff; }
  @media (prefers-color-scheme: dark) {
    .drills { --ink: #e6edf3; --quiet: #9ea7b3; --line: #3d444d; --bar: #4d9de0; --mark: #ffa657; --page: #0d1117; }
  }
  .drills text { font: 13px system-ui, sans-serif; fill: var(--ink); }
  .drills .quiet { fill: var(--quiet); }
  .drills .bar { fill: var(--bar); }
  .drills .axis { stroke: var(--line); }
  .drills .mark { stroke: var(--mark); stroke-width: 2; stroke-dasharray: 5 3; }
  .drills .page { fill: var(--page); }
`;

const escaped = (/** @type {string} */ text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/**
 * @param {{ title: string, description: string, values: readonly number[], marks: readonly Mark[] }} drawing
 * @returns {string} an SVG element that says in words what it shows, in the reader's own colour scheme
 */
export function svgOf({ title, description, values, marks }) {
  const bins = binsOf(values);
  const first = bins[0]?.from ?? 0;
  const last = bins.at(-1)?.to ?? 1;
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const plotWidth = size.width - size.left - size.right;
  const bottom = size.height - size.bottom;
  const x = (/** @type {number} */ ms) => size.left + ((ms - first) / (last - first)) * plotWidth;
  const y = (/** @type {number} */ count) => bottom - (count / most) * (bottom - size.top);
  const round = (/** @type {number} */ value) => value.toFixed(1);
  const bars = bins.map(({ from, to, count }) => {
    const width = Math.max(1, x(to) - x(from) - 2);
    return `<rect class="bar" x="${round(x(from) + 1)}" y="${round(y(count))}" width="${round(width)}" height="${round(bottom - y(count))}"><title>${durationText(from)} to ${durationText(to)}: ${count}</title></rect>`;
  });
  const every = Math.ceil(bins.length / 6);
  const labels = bins
    .filter((_, index) => index % every === 0)
    .map(({ from }) => `<text class="quiet" x="${round(x(from))}" y="${bottom + 20}">${durationText(from)}</text>`);
  // A mark beyond the bars is told in words only. One line of text each, so that near ones do not cover each other.
  const lines = marks
    .filter(({ atMs }) => atMs >= first && atMs <= last)
    .map(({ name, atMs }, index) => {
      const at = x(atMs);
      const anchor = at > size.width / 2 ? 'end' : 'start';
      const textX = at + (anchor === 'end' ? -5 : 5);
      const top = 14 + index * 16;
      return `<line class="mark" x1="${round(at)}" x2="${round(at)}" y1="${top - 10}" y2="${bottom}"/><text x="${round(textX)}" y="${top}" text-anchor="${anchor}">${escaped(name)} ${durationText(atMs)}</text>`;
    });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="drills" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="drills-title drills-description">`,
    `<title id="drills-title">${escaped(title)}</title>`,
    `<desc id="drills-description">${escaped(description)}</desc>`,
    `<style>${style}</style>`,
    `<rect class="page" width="${size.width}" height="${size.height}"/>`,
    ...bars,
    `<line class="axis" x1="${size.left}" x2="${size.width - size.right}" y1="${bottom}" y2="${bottom}"/>`,
    `<text class="quiet" x="${size.left - 6}" y="${round(y(most) + 4)}" text-anchor="end">${most}</text>`,
    `<text class="quiet" x="${size.left - 6}" y="${bottom}" text-anchor="end">0</text>`,
    ...labels,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

/**
 * @param {{ title: string, description: string, svg: string, rows: readonly (readonly string[])[] }} page `rows`: the
 *   figures, the first of which is the heading
 */
export function pageOf({ title, description, svg, rows }) {
  const [heading = [], ...body] = rows;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 1.5rem auto; padding: 0 1rem; background: #ffffff; color: #1b1f24; }
  svg { width: 100%; height: auto; }
  div { overflow-x: auto; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  th, td { padding: 0.2rem 0.8rem 0.2rem 0; text-align: right; white-space: nowrap; }
  th:first-child { text-align: left; }
  @media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3; } }
</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(description)}</p>
${svg}<div tabindex="0" role="region" aria-label="Figures">
<table>
<thead><tr>${heading.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join('')}</tr></thead>
<tbody>
${body.map(([name = '', ...cells]) => `<tr><th scope="row">${escaped(name)}</th>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`).join('\n')}
</tbody>
</table>
</div>
</main>
</body>
</html>
`;
}
