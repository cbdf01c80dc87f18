/** The walk, trouble of other kinds, the ranking and surges, on small graphs whose observations are given. */
import { describe, expect, test } from 'vitest';
import type { FaultExcess } from '../../../src/diagnosis/root-cause/fault-counts.ts';
import { callGraph, type CallGraph } from '../../../src/diagnosis/root-cause/graph.ts';
import type { LatencyExcess } from '../../../src/diagnosis/root-cause/latency-excess.ts';
import type { Observations } from '../../../src/diagnosis/root-cause/observations.ts';
import { withOtherTrouble } from '../../../src/diagnosis/root-cause/other-trouble.ts';
import { rank } from '../../../src/diagnosis/root-cause/ranking.ts';
import { surgeEntry } from '../../../src/diagnosis/root-cause/surge.ts';
import type { TrafficShift } from '../../../src/diagnosis/root-cause/traffic.ts';
import { suspectOf, walkFrom } from '../../../src/diagnosis/root-cause/walk.ts';
import { componentOf, nothing } from './made-up.ts';

function graphOf(calls: readonly (readonly [string, string])[]): CallGraph {
  const ids = [...new Set(calls.flat())];
  return callGraph(
    ids.map((id) => componentOf(id, nothing, nothing)),
    calls.map(([from, to]) => ({ from, to })),
  );
}

function slow(score: number, excess: number, noise = 1): LatencyExcess {
  const mean = { name: 'mean', before: 0.1, during: 0.3, score };
  return { kind: 'latency', statistics: [mean], score, meanScore: score, excess, noise, requests: 100 };
}

function failing(score: number, excess: number): FaultExcess {
  return { kind: 'availability', score, faults: excess, requests: 100, usual: 0, excess, noise: 1 };
}

const steady: TrafficShift = {
  before: 100,
  during: 100,
  score: 0,
  logRatio: 0,
  lowest: 95,
  lowestScore: 0,
  lost: 0,
  gained: 0,
};
const surging: TrafficShift = { ...steady, during: 300, score: 9, logRatio: Math.log(3), gained: 600 };

interface Shown {
  readonly latency?: Readonly<Record<string, LatencyExcess>>;
  readonly faults?: Readonly<Record<string, FaultExcess>>;
  readonly traffic?: Readonly<Record<string, TrafficShift>>;
  readonly gone?: readonly string[];
  readonly anew?: readonly string[];
  readonly met?: (caller: string, callee: string) => number;
}

function observed(graph: CallGraph, kind: 'latency' | 'availability', shown: Shown): Observations {
  const id = (node: number): string => graph.nodes[node]?.members[0].id ?? '';
  const latency = (node: number) => shown.latency?.[id(node)];
  const faults = (node: number) => shown.faults?.[id(node)];
  return {
    hurt: kind === 'latency' ? latency : faults,
    latency,
    faults,
    traffic: (node) => shown.traffic?.[id(node)] ?? steady,
    met: (caller, callee) => shown.met?.(id(caller), id(callee)) ?? Infinity,
    isGone: (node) => shown.gone?.includes(id(node)) === true,
    isVanished: (node) => shown.gone?.includes(id(node)) === true,
    isCalledAnew: (node) => shown.anew?.includes(id(node)) === true,
  };
}

function rankedOf(graph: CallGraph, kind: 'latency' | 'availability', shown: Shown) {
  const seen = observed(graph, kind, shown);
  const start = graph.nodeOf.get('site') ?? -1;
  const symptom = seen.hurt(start);
  if (symptom === undefined) throw new Error('the site shows nothing');
  const walk = walkFrom(graph, suspectOf(start, symptom), symptom.excess, seen);
  const suspects = withOtherTrouble(graph, walk.suspects, kind, seen);
  const name = (node: number): string => graph.nodes[node]?.members[0].id ?? '';
  return rank(graph, { ...walk, suspects }, symptom.excess, seen).map(({ suspect, score, coverage, path }) => ({
    name: name(suspect.node),
    score,
    coverage,
    path: path.map(name),
  }));
}

const line = graphOf([
  ['site', 'api'],
  ['api', 'table'],
]);

describe('the deepest wins whose trouble its callees do not explain', () => {
  test('the leaf, where all of it comes from there', () => {
    const [first] = rankedOf(line, 'latency', { latency: { site: slow(8, 40), api: slow(9, 41), table: slow(7, 45) } });
    expect(first).toMatchObject({ name: 'table', score: 1, coverage: 1, path: ['site', 'api', 'table'] });
  });

  test('the one in between, where the leaf explains little of it', () => {
    const [first] = rankedOf(line, 'latency', { latency: { site: slow(8, 40), api: slow(9, 41), table: slow(9, 6) } });
    expect(first?.name).toBe('api');
  });

  test('not a leaf that is slow for nobody', () => {
    const names = rankedOf(line, 'latency', { latency: { site: slow(8, 40), api: slow(9, 41), table: slow(90, 3) } });
    expect(names.map(({ name }) => name)).toEqual(['api', 'site']);
  });

  test('not one whose trouble cannot have come through what lies between', () => {
    const [first] = rankedOf(line, 'latency', {
      latency: { site: slow(8, 40), api: slow(2, 4, 0.5), table: slow(9, 45) },
    });
    expect(first).toMatchObject({ name: 'site', coverage: 1 });
  });

  test('what lies between fails often anyway, so that little of what comes through it shows', () => {
    const through = (usual: number) => {
      const api = { ...failing(4, 15), usual };
      const faults = { site: failing(9, 60), api, table: failing(9, 60) };
      return rankedOf(line, 'availability', { faults }).find(({ name }) => name === 'table')?.coverage;
    };
    expect(through(0.75)).toBe(1);
    expect(through(0)).toBeLessThan(0.5);
  });

  test('nor one whose calls from there were measured, and are as fast as ever', () => {
    const shown = { latency: { site: slow(8, 40), api: slow(9, 41), table: slow(9, 45) } };
    const met = (_: string, callee: string): number => (callee === 'table' ? 0 : Infinity);
    expect(rankedOf(line, 'latency', { ...shown, met })[0]?.name).toBe('api');
  });
});

describe('trouble of another kind', () => {
  test('a callee that vanished, and whose callers fail for it', () => {
    const traffic = { table: { ...steady, lowest: 0, lowestScore: -20, lost: 60 } };
    const shown = { faults: { site: failing(8, 50), api: failing(9, 50) }, traffic, gone: ['table'] };
    expect(
      rankedOf(
        graphOf([
          ['site', 'api'],
          ['api', 'table'],
          ['api', 'cache'],
        ]),
        'availability',
        shown,
      )[0]?.name,
    ).toBe('table');
  });

  test('not one that nobody misses', () => {
    const traffic = { table: { ...steady, lowest: 0, lowestScore: -20, lost: 6000 } };
    const faults = { site: { ...failing(8, 50), requests: 9000 }, api: { ...failing(9, 50), requests: 9000 } };
    const graph = graphOf([
      ['site', 'api'],
      ['api', 'table'],
      ['api', 'cache'],
    ]);
    expect(rankedOf(graph, 'availability', { faults, traffic, gone: ['table'] })[0]?.name).toBe('api');
  });

  test('not all that a caller no longer gets as far as calling', () => {
    const gone = { ...steady, lowest: 0, lowestScore: -20, lost: 60 };
    const shown = {
      faults: { site: failing(8, 50), api: failing(9, 50) },
      traffic: { table: gone, cache: gone },
      gone: ['table', 'cache'],
    };
    const graph = graphOf([
      ['site', 'api'],
      ['api', 'table'],
      ['api', 'cache'],
    ]);
    expect(rankedOf(graph, 'availability', shown)[0]?.name).toBe('api');
  });

  test('not one instead of which its caller calls another', () => {
    const graph = graphOf([
      ['site', 'function'],
      ['function', 'table'],
      ['function', 'cache'],
      ['function', 'wrong'],
    ]);
    const lost = { ...steady, lowest: 0, lowestScore: -20, lost: 60 };
    const shown = (gained: number) => ({
      faults: { site: failing(8, 50), function: failing(9, 50) },
      traffic: { table: lost, wrong: { ...surging, before: 0, gained } },
      gone: ['table'],
      anew: ['wrong'],
    });
    expect(rankedOf(graph, 'availability', shown(60))[0]?.name).toBe('function');
    // A few calls elsewhere are none in its place.
    expect(rankedOf(graph, 'availability', shown(10))[0]?.name).toBe('table');
  });

  test('a callee that fails where its caller is slow, and one that is slow where its caller fails', () => {
    const latency = { site: slow(8, 40), api: slow(9, 41) };
    expect(rankedOf(line, 'latency', { latency, faults: { table: failing(12, 30) } })[0]?.name).toBe('table');
    const faults = { site: failing(8, 40), api: failing(9, 41) };
    expect(rankedOf(line, 'availability', { faults, latency: { table: slow(12, 30) } })[0]?.name).toBe('table');
    expect(rankedOf(line, 'availability', { faults, latency: { table: slow(4, 30) } })[0]?.name).toBe('api');
  });

  test('a callee that calls what it did not call before', () => {
    const graph = graphOf([
      ['site', 'api'],
      ['api', 'function'],
      ['function', 'wrong'],
    ]);
    const shown = {
      faults: { site: failing(8, 40), api: failing(9, 41) },
      traffic: { wrong: { ...surging, before: 0, gained: 41 } },
      anew: ['wrong'],
    };
    expect(rankedOf(graph, 'availability', shown)[0]).toMatchObject({
      name: 'function',
      path: ['site', 'api', 'function'],
    });
  });
});

describe('a surge', () => {
  const entryOf = (traffic: Shown['traffic']) => {
    const entry = surgeEntry(line, line.nodeOf.get('table') ?? -1, observed(line, 'latency', { traffic }));
    return entry === undefined ? undefined : line.nodes[entry]?.members[0].id;
  };

  test('enters at the first that gets more by itself', () => {
    expect(entryOf({ table: surging, api: surging })).toBe('api');
    expect(entryOf({ table: surging, api: surging, site: surging })).toBe('site');
    expect(entryOf({ table: surging })).toBe('table');
  });

  test('enters nowhere when load is as usual', () => {
    expect(entryOf({ api: surging })).toBeUndefined();
  });
});
