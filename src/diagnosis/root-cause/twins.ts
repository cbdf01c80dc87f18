/**
 * Which components are one thing seen from several sides. X-Ray shows a Lambda function as the service (`AWS::Lambda`) and as the
 * function (`AWS::Lambda::Function`), and whoever calls something untraced as `client` and the called as `remote`, all by one name.
 * The most specific type names the whole.
 */
import { byCodeUnit } from '../statistics.ts';
import type { CallComponent } from './input.ts';

/** The components of each thing, the one that names it first. Things come in the order of their first component. */
export function twinsOf(
  components: readonly CallComponent[],
): readonly (readonly [CallComponent, ...CallComponent[]])[] {
  const byName = new Map<string, [CallComponent, ...CallComponent[]]>();
  for (const component of components) {
    const twins = byName.get(component.name);
    if (twins === undefined) byName.set(component.name, [component]);
    else twins.push(component);
  }
  for (const twins of byName.values()) {
    twins.sort((a, b) => specificity(b.type) - specificity(a.type) || byCodeUnit(a.id, b.id));
  }
  return [...byName.values()];
}

/** `AWS::Lambda::Function` says more than `AWS::Lambda`, that more than nothing, and a point of view says least. */
function specificity(type: string | undefined): number {
  if (type === undefined) return 0;
  return type === 'client' || type === 'remote' ? -1 : type.split('::').length;
}
