/**
 * The findings as a `nanoops.yaml` that one can read: above each value why it was chosen, and what was not found as a
 * comment that says what it would give.
 */
import { keyNotes, noteOf, unasked, type Finding } from './findings.ts';

export interface TextHead {
  /** Who wrote it from what, a line each. */
  readonly lines: readonly string[];
}

/** Columns of the file. */
const width = 110;
const step = '  ';

interface Node {
  readonly name: string;
  readonly finding?: Finding;
  readonly children: Node[];
}

export function configText(findings: readonly Finding[], { lines }: TextHead): string {
  const root: Node = { name: '', children: [] };
  for (const { key } of keyNotes) {
    const finding = findings.find((each) => each.key === key);
    if (finding !== undefined) insert(root, key.split('.'), finding);
  }
  return `${[
    ...lines.map((line) => comment(line)),
    '',
    ...root.children.flatMap((node) => [...drawn(node, ''), ...(node.children.length > 0 ? [''] : [])]),
    comment('What no account tells:'),
    ...unasked.flatMap(({ gives, lines: written }) => [
      '#',
      ...wrapped(gives, '#   '),
      ...written.map((line) => `# ${line}`),
    ]),
  ].join('\n')}\n`;
}

function insert(parent: Node, [name, ...rest]: readonly string[], finding: Finding): void {
  if (name === undefined) return;
  if (rest.length === 0) {
    parent.children.push({ name, finding, children: [] });
    return;
  }
  let child = parent.children.find((each) => each.name === name);
  if (child === undefined) {
    child = { name, children: [] };
    parent.children.push(child);
  }
  insert(child, rest, finding);
}

function isFound({ finding, children }: Node): boolean {
  return finding?.kind === 'found' || children.some(isFound);
}

function drawn(node: Node, indent: string): readonly string[] {
  const { name, finding, children } = node;
  if (!isFound(node)) return missing(node, indent);
  if (finding?.kind === 'found') {
    return [...wrapped(finding.why, `${indent}# `), `${indent}${name}: ${scalar(finding.value)}`];
  }
  return [`${indent}${name}:`, ...children.flatMap((child) => drawn(child, indent + step))];
}

/** A part of which nothing was found: what it would give, and how it would be written. */
function missing(node: Node, indent: string): readonly string[] {
  const leaves = leavesOf(node);
  // What is missing for one reason is said once.
  const telling = leaves.filter(
    (leaf, index) => leaves.findIndex((each) => each === leaf || isAlike(each, leaf)) === index,
  );
  return [
    ...telling.flatMap(reasonsOf).flatMap((reason) => wrapped(reason, `${indent}# `)),
    ...outlined(node, `${indent}# `),
  ];
}

function leavesOf({ finding, children }: Node): readonly Finding[] {
  return finding === undefined ? children.flatMap(leavesOf) : [finding];
}

function reasonsOf(finding: Finding): readonly string[] {
  const { gives } = noteOf(finding.key);
  switch (finding.kind) {
    case 'found':
      return [];
    case 'open':
      return [
        `One of these, and nothing says which. It gives: ${gives}.`,
        ...finding.candidates.map(({ name, why }) => `- ${name}${why === '' ? '' : `: ${why}`}`),
      ];
    case 'absent':
      return [`${sentence(finding.why ?? 'not found')} It would give: ${gives}.`];
  }
}

function outlined({ name, finding, children }: Node, prefix: string): readonly string[] {
  if (finding !== undefined) {
    const [likeliest] = finding.kind === 'open' ? finding.candidates : [];
    return [`${prefix}${name}: ${likeliest === undefined ? noteOf(finding.key).example : scalar(likeliest.name)}`];
  }
  return [`${prefix}${name}:`, ...children.flatMap((child) => outlined(child, prefix + step))];
}

const isAlike = (a: Finding, b: Finding): boolean => a.kind === 'absent' && b.kind === 'absent' && a.why === b.why;
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const comment = (line: string): string => (line === '' ? '#' : `# ${onOneLine(line)}`);

/** Names and messages of others' making, without anything that is not seen: a line more would be read as configuration. */
const onOneLine = (text: string): string => text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

function wrapped(text: string, prefix: string): readonly string[] {
  const words = onOneLine(text).split(' ');
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && prefix.length + last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => `${prefix}${line}`);
}

/** Words that YAML, in one of its versions, takes for something other than text. */
const words = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf)$/i;

function scalar(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const isPlain = /^[A-Za-z/][\w./:@-]*$/.test(value) && !value.endsWith(':') && !words.test(value);
  return isPlain ? value : JSON.stringify(value);
}
