/** What a yes is bound to, and what the worst of several changes could cost. */
import { describe, expect, it } from 'vitest';
import { planHash, worstRisk, type Risk } from '../../src/engine/change.ts';
import { canonicalJson, plainOf } from '../../src/engine/plain.ts';
import { digest, setTo } from './acting/stage.ts';

describe('the hash of a plan', () => {
  const change = setTo('size', 2, 3);

  it('is twelve digits, of everything that is shown and in its order', () => {
    const hash = planHash([change], digest);
    expect(hash).toBe(digest(canonicalJson(plainOf([change]))).slice(0, 12));
    expect(hash).toHaveLength(12);
    const others = [
      [change, change],
      [{ ...change, summary: 'another' }],
      [{ ...change, input: { ...change.input, to: 4 } }],
      [{ ...change, risk: 'data-loss' as const }],
      [],
    ];
    expect(new Set(others.map((changes) => planHash(changes, digest)).concat(hash)).size).toBe(others.length + 1);
  });

  it('is none of what JSON cannot hold', () => {
    const odd = { ...change, after: { size: Number.NaN } };
    expect(() => planHash([odd], digest)).toThrow('the plan[0].after.size is NaN, which JSON cannot hold');
  });
});

describe('the worst of several', () => {
  it.each<[readonly Risk[], Risk]>([
    [[], 'reversible'],
    [['reversible'], 'reversible'],
    [['reversible', 'irreversible', 'reversible'], 'irreversible'],
    [['irreversible', 'data-loss', 'reversible'], 'data-loss'],
  ])('of %j is %s', (risks, worst) => {
    expect(worstRisk(risks.map((risk) => ({ risk })))).toBe(worst);
  });
});
