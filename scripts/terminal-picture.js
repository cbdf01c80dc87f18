/**
 * Runs a command as on a colour terminal of 96 columns, and draws what it printed as an SVG that needs nothing else and
 * is legible on dark and on light pages. With `--stdout` it draws what stdout holds only, which is a run's outcome without
 * its steps, and says so in the command that it shows. What other runs left behind is not seen by it.
 *
 *     node scripts/terminal-picture.js docs/images/diagnose-latency.svg -- node bin/nanoops.js diagnose latency --sandbox
 *     node scripts/terminal-picture.js docs/images/dr-drill.svg --stdout -- node bin/nanoops.js dr drill --sandbox
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';

const columns = 96;
const cell = { width: 8.43, height: 20, fontSize: 14 };
const frame = { padding: 18, bar: 36, radius: 9 };

/** @typedef {{ bold: boolean, dim: boolean, underline: boolean, color: string | undefined }} Look */
/** @typedef {{ text: string, column: number, look: Look }} Run */

/** @type {Look} */
const ordinary = { bold: false, dim: false, underline: false, color: undefined };

const colors = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/**
 * The look after a "select graphic rendition" sequence. Source: ECMA-48, 5th edition, section 8.3.117.
 *
 * @param {Look} look
 * @param {string} parameters
 */
function rendered(look, parameters) {
  let next = look;
  for (const parameter of parameters.split(';').map(Number)) {
    if (parameter === 0) next = ordinary;
    else if (parameter === 1) next = { ...next, bold: true };
    else if (parameter === 2) next = { ...next, dim: true };
    else if (parameter === 4) next = { ...next, underline: true };
    else if (parameter === 22) next = { ...next, bold: false, dim: false };
    else if (parameter === 24) next = { ...next, underline: false };
    else if (parameter === 39) next = { ...next, color: undefined };
    else if (parameter >= 30 && parameter <= 37) next = { ...next, color: colors[parameter - 30] };
    else if (parameter >= 90 && parameter <= 97) next = { ...next, color: colors[parameter - 90] };
    else throw new Error(`the command used a rendition that this script cannot draw: ${parameters}`);
  }
  return next;
}

const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;

/**
 * The output as lines of runs of one look each, broken where a terminal would break them.
 *
 * @param {string} output
 * @returns {Run[][]}
 */
function linesOf(output) {
  /** @type {Run[][]} */
  const lines = [[]];
  let look = ordinary;
  let column = 0;
  // oxlint-disable-next-line no-control-regex -- a terminal's output is made of them
  for (const [token, parameters] of output.matchAll(/\u001B\[([\d;]*)m|\u001B\[[0-?]*[ -/]*[@-~]|\r?\n|[^]/gu)) {
    if (parameters !== undefined) {
      look = rendered(look, parameters);
    } else if (token.endsWith('\n')) {
      lines.push([]);
      column = 0;
    } else if (!/^\p{Cc}/u.test(token)) {
      const width = cellsOf(token);
      if (column + width > columns) {
        lines.push([]);
        column = 0;
      }
      const line = lines.at(-1) ?? [];
      const last = line.at(-1);
      if (last?.look === look) last.text += token;
      else line.push({ text: token, column, look });
      column += width;
    }
  }
  while (lines.length > 0 && lines.at(-1)?.every((run) => run.text.trim() === '')) lines.pop();
  return lines;
}

const entities = /** @type {Record<string, string>} */ ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' });

/** @param {string} text */
function escaped(text) {
  return text
    .replace(/[&<>"]/g, (character) => entities[character] ?? character)
    .replace(/[\uFFFE\uFFFF]|\p{Cs}/gu, '\uFFFD');
}

/** @param {number} value */
function px(value) {
  return String(Number(value.toFixed(2)));
}

/** @param {string} text */
function cellsOf(text) {
  let cells = 0;
  for (const character of text) if (!/^\p{M}/u.test(character)) cells += wide.test(character) ? 2 : 1;
  return cells;
}

/**
 * A run in pieces without double spaces, which a viewer may draw as one; each is put where it belongs, whatever the
 * viewer's font.
 *
 * @param {Run} run
 * @returns {Run[]}
 */
function pieces({ text, column, look }) {
  return [...text.matchAll(/\S+(?: \S+)*/g)].map((match) => ({
    text: match[0],
    column: column + cellsOf(text.slice(0, match.index)),
    look,
  }));
}

/** @param {Run[]} line @param {number} index */
function drawnLine(line, index) {
  const y = frame.bar + frame.padding + index * cell.height + cell.fontSize;
  const runs = line.flatMap(pieces).map(({ text, column, look }) => {
    const names = [look.color, look.bold && 'bold', look.dim && 'dim', look.underline && 'underline'].filter(Boolean);
    const style = names.length === 0 ? '' : ` class="${names.join(' ')}"`;
    return `<tspan x="${px(frame.padding + column * cell.width)}"${style}>${escaped(text)}</tspan>`;
  });
  return runs.length === 0 ? '' : `<text y="${px(y)}">${runs.join('')}</text>`;
}

const light = {
  back: '#ffffff',
  bar: '#eceff1',
  edge: '#cfd4d8',
  text: '#1f2328',
  faint: '#656d76',
  black: '#1f2328',
  red: '#c4182a',
  green: '#137333',
  yellow: '#7a5200',
  blue: '#0a58ca',
  magenta: '#8a2da5',
  cyan: '#0b6e7f',
  white: '#656d76',
};
const dark = {
  back: '#12161b',
  bar: '#1e242b',
  edge: '#333b44',
  text: '#e2e6ea',
  faint: '#98a2ad',
  black: '#98a2ad',
  red: '#ff7b80',
  green: '#62d18a',
  yellow: '#e3b341',
  blue: '#79b8ff',
  magenta: '#d9a0f0',
  cyan: '#6fd0dd',
  white: '#e2e6ea',
};

/** @param {typeof light} palette */
function paint(palette) {
  return [
    `.window { fill: ${palette.back}; stroke: ${palette.edge} }`,
    `.bar { fill: ${palette.bar} }`,
    `.edge { stroke: ${palette.edge} }`,
    `text { fill: ${palette.text} }`,
    `.dim, .title { fill: ${palette.faint} }`,
    ...Object.entries(palette)
      .filter(([name]) => colors.includes(name))
      .map(([name, value]) => `.${name} { fill: ${value} }`),
  ].join(' ');
}

// Each palette is written out, since not everything that draws SVG knows variables.
const style = [
  `text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: ${cell.fontSize}px }`,
  '.title { font-size: 13px; text-anchor: middle } .bold { font-weight: bold } .underline { text-decoration: underline }',
  paint(light),
  `@media (prefers-color-scheme: dark) { ${paint(dark)} }`,
].join('\n    ');

/**
 * @param {string} title
 * @param {Run[][]} lines
 */
function svg(title, lines) {
  const width = Math.ceil(2 * frame.padding + columns * cell.width);
  const height = frame.bar + 2 * frame.padding + lines.length * cell.height;
  const { bar, radius } = frame;
  const spoken = lines.map((line) => line.map((run) => run.text).join('')).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title output">
  <title id="title">${escaped(title)}</title>
  <desc id="output">${escaped(spoken)}</desc>
  <style>
    ${style}
  </style>
  <rect class="window" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="${radius}"/>
  <path class="bar" d="M1 ${bar}V${radius}a${radius - 1} ${radius - 1} 0 0 1 ${radius - 1} -${radius - 1}H${width - radius}a${radius - 1} ${radius - 1} 0 0 1 ${radius - 1} ${radius - 1}V${bar}Z"/>
  <path class="edge" d="M1 ${bar + 0.5}H${width - 1}"/>
  <circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>
  <text class="title" x="${width / 2}" y="23">${escaped(title)}</text>
${lines
  .map(drawnLine)
  .filter((line) => line !== '')
  .map((line) => `  ${line}`)
  .join('\n')}
</svg>
`;
}

/**
 * The command as a user would type it: `node bin/nanoops.js` is `nanoops` once it is installed.
 *
 * @param {readonly string[]} command
 */
function asTyped(command) {
  const [program = '', script, ...rest] = command;
  const installed = basename(program) === 'node' && script?.endsWith('.js') === true;
  const words = installed ? [basename(script, '.js'), ...rest] : command;
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}

/**
 * @param {readonly string[]} command
 * @param {boolean} isOutcomeOnly
 * @returns {Promise<string>} what it printed on both streams, in order; or on stdout
 */
async function outputOf(command, isOutcomeOnly) {
  const state = await mkdtemp(join(tmpdir(), 'nanoops-picture-state-'));
  try {
    // One pipe for both streams: with two, what was printed first is not always read first.
    const { stdout, exitCode } = await execa(
      'sh',
      ['-c', `exec "$@" 2>${isOutcomeOnly ? '/dev/null' : '&1'}`, 'sh', ...command],
      {
        reject: false,
        env: { FORCE_COLOR: '1', COLUMNS: String(columns), NO_COLOR: undefined, CI: undefined, XDG_STATE_HOME: state },
      },
    );
    if (exitCode === undefined || exitCode === 126 || exitCode === 127 || stdout === '') {
      throw new Error(`${command.join(' ')} could not be run or printed nothing (exit code ${exitCode}): ${stdout}`);
    }
    return stdout;
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

const [file, ...rest] = process.argv.slice(2);
const isOutcomeOnly = rest[0] === '--stdout';
const [separator, ...command] = isOutcomeOnly ? rest.slice(1) : rest;
if (file === undefined || separator !== '--' || command.length === 0) {
  process.stderr.write('usage: node scripts/terminal-picture.js <out.svg> [--stdout] -- <command…>\n');
  process.exitCode = 2;
} else {
  const typed = `${asTyped(command)}${isOutcomeOnly ? ' 2>/dev/null' : ''}`;
  const lines = linesOf(`\u001B[2m$\u001B[22m ${typed}\n${await outputOf(command, isOutcomeOnly)}`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, svg(typed, lines));
}
