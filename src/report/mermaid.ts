/** A runbook's step graph as a Mermaid flowchart, for pages that draw one: a step's kind is its shape. */
import type { StepKind, StepSummary } from '../engine/events.ts';
import { plain } from './plain-text.ts';
import { stepGraph } from './step-graph.ts';

/** What opens and closes a node. Source: Mermaid, "Flowcharts Syntax", node shapes. */
const shapes = {
  observe: ['([', '])'],
  decide: ['{{', '}}'],
  approve: ['{', '}'],
  act: ['[', ']'],
  wait: ['(', ')'],
  verify: ['[[', ']]'],
  notify: ['>', ']'],
  manual: ['[\\', '/]'],
} as const satisfies Record<StepKind, readonly [string, string]>;

/** The flowchart's source, without an end of line. Ways that follow from other ways are left out. */
export function mermaid(graph: {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly StepSummary[];
}): string {
  const nodes = stepGraph(graph.steps);
  // Ids of steps may be words of Mermaid's own ("end"), so nodes are numbered.
  const names = new Map(nodes.map(({ step }, index) => [step.id, `s${index + 1}`]));
  return [
    // Mermaid looks for directives (`%%{…}%%`) in comments, too.
    `%% ${label(graph.id)}: ${label(graph.title)}`,
    'flowchart TD',
    ...nodes.map(({ step }) => {
      const [opens, closes] = shapes[step.kind];
      return `  ${names.get(step.id)}${opens}"${label(step.id)}<br/>${label(step.title)}"${closes}`;
    }),
    ...nodes.flatMap(({ step, needs }) => needs.map((need) => `  ${names.get(need)} --> ${names.get(step.id)}`)),
  ].join('\n');
}

/** Text inside a quoted label or a comment: what is not a letter, a digit or harmless becomes an entity code. */
export function label(text: string): string {
  return plain(text).replace(/[^\p{L}\p{M}\p{N} .,:?()/'’-]/gu, (character) => `#${character.codePointAt(0)};`);
}
