/**
 * docs/runbooks.md, made of what `nanoops runbook list` and `nanoops runbook show` print, so that the page and the program cannot differ; a
 * test compares them. `node scripts/runbook-graphs.js` writes it anew, from the built program.
 */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @typedef {{ id: string, title: string, summary: string, steps: number }} Listed */

/** Where each is told in prose, and what starts it. @type {Readonly<Record<string, readonly [page: string, command: string]>>} */
const told = {
  latency: ['latency.md', 'nanoops diagnose latency'],
  'database-unavailable': ['database.md', 'nanoops diagnose database'],
  errors: ['errors.md', 'nanoops diagnose errors'],
  'crash-loop': ['crash-loop.md', 'nanoops diagnose crash-loop'],
  'region-failover': ['recovery.md', 'nanoops dr failover'],
  'region-failback': ['recovery.md', 'nanoops dr failback'],
  'region-drill': ['drills.md', 'nanoops dr drill'],
};

/** @param {readonly Listed[]} runbooks @param {(id: string) => string} graphOf as Mermaid */
export function runbookPage(runbooks, graphOf) {
  const sections = runbooks.map(({ id, title, summary, steps }) => {
    const [page, command] = told[id] ?? [];
    if (page === undefined || command === undefined) throw new Error(`no page tells of the runbook ${id}`);
    return [
      `## ${title}`,
      `${summary}. \`${id}\`, ${steps} steps: \`${command}\`; [how it thinks and acts](${page}).`,
      `\`\`\`mermaid\n${graphOf(id).trimEnd()}\n\`\`\``,
    ].join('\n\n');
  });
  return `${[
    '# The runbooks, each as a graph',
    'An arrow leads from a step to one that needs it; what no arrow holds back is done at the same time. The shape says of which kind a step is: rounded ends look, six corners conclude, a rhombus asks, a box changes something, rounded corners wait, double sides make sure, a flag tells somebody, a trapezium is for a person to do. In a terminal: `nanoops runbook show <id>`. The page is made by `scripts/runbook-graphs.js`.',
    ...sections,
  ].join('\n\n')}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, '..');
  /** @param {string[]} words */
  const nanoops = (...words) =>
    execFileSync(process.execPath, [join(root, 'bin/nanoops.js'), ...words], { encoding: 'utf8' });
  const { items } = JSON.parse(nanoops('runbook', 'list', '--json'));
  const page = runbookPage(items, (id) => nanoops('runbook', 'show', id, '--format', 'mermaid'));
  await writeFile(join(root, 'docs/runbooks.md'), page);
}
