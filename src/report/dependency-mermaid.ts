/** Who calls whom, as a Mermaid flowchart. Source: Mermaid, "Flowcharts Syntax". */
import { quantity } from '../cloud/quantity.ts';
import type { DependencyEdge, DependencyFigure } from './figures.ts';
import { label } from './mermaid.ts';

/** Without an end of line. Names may be words of Mermaid's own, so that nodes are numbered. */
export function dependencyMermaid({ nodes, edges }: DependencyFigure): string {
  const names = new Map(nodes.map(({ id }, index) => [id, `n${index + 1}`]));
  const failing = edges.flatMap(({ faultRate = 0 }, index) => (faultRate > 0 ? [index] : []));
  return [
    'flowchart LR',
    ...nodes.map((node) => {
      const type = node.type === undefined ? '' : `<br/>${label(node.type)}`;
      return `  ${names.get(node.id)}["${label(node.label)}${type}"]`;
    }),
    ...edges.map((edge) => `  ${names.get(edge.from)} -->|"${label(edgeText(edge))}"| ${names.get(edge.to)}`),
    ...(failing.length === 0 ? [] : [`  linkStyle ${failing.join(',')} stroke:#a3301d`]),
  ].join('\n');
}

/** `1,250 requests, 254 ms, p95 1.1 s, 0.4 % faults` */
function edgeText({ requests, averageMs, p95Ms, faultRate }: DependencyEdge): string {
  return [
    `${requests.toLocaleString('en')} request${requests === 1 ? '' : 's'}`,
    ...(averageMs === undefined ? [] : [quantity(averageMs, 'ms')]),
    ...(p95Ms === undefined ? [] : [`p95 ${quantity(p95Ms, 'ms')}`]),
    ...(faultRate === undefined || faultRate === 0 ? [] : [`${quantity(faultRate, 'ratio')} faults`]),
  ].join(', ');
}
