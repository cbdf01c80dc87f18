/** Twins, and the graph between things. */
import { expect, test } from 'vitest';
import { callGraph } from '../../../src/diagnosis/root-cause/graph.ts';
import { twinsOf } from '../../../src/diagnosis/root-cause/twins.ts';
import { componentOf, nothing } from './made-up.ts';

const of = (...ids: string[]) => ids.map((id) => componentOf(id, nothing, nothing));

test('of twins, the most specific type names the whole', () => {
  const twins = twinsOf(
    of('f_AWS::Lambda', 'f', 'f_AWS::Lambda::Function', 's_client', 's_AWS::ECS::Fargate', 'h_remote'),
  );
  expect(twins.map((members) => members.map(({ id }) => id))).toEqual([
    ['f_AWS::Lambda::Function', 'f_AWS::Lambda', 'f'],
    ['s_AWS::ECS::Fargate', 's_client'],
    ['h_remote'],
  ]);
});

test('calls between twins vanish, others are those of the whole', () => {
  const graph = callGraph(of('f_AWS::Lambda', 'f_AWS::Lambda::Function', 'site', 'table'), [
    { from: 'site', to: 'f_AWS::Lambda' },
    { from: 'f_AWS::Lambda', to: 'f_AWS::Lambda::Function' },
    { from: 'f_AWS::Lambda::Function', to: 'table' },
    { from: 'table', to: 'nobody' },
  ]);
  const [lambda = -1, site = -1, table = -1] = ['f_AWS::Lambda', 'site', 'table'].map((id) => graph.nodeOf.get(id));
  expect(graph.nodeOf.get('f_AWS::Lambda::Function')).toBe(lambda);
  expect(graph.nodes[lambda]).toMatchObject({ callers: [site], callees: [table] });
  expect(graph.nodes[table]).toMatchObject({ callers: [lambda], callees: [] });
});
