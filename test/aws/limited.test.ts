import { describe, expect, it } from 'vitest';

import { createHeavyReads } from '../../src/aws/heavy-reads.ts';
import { limited } from '../../src/aws/limited.ts';

/** Works that end when they are told to. */
function works() {
  const started: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      started.push(name);
      ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
    });
  return { started, work, end: (name: string, error?: Error) => ends.get(name)?.(error) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('so many at a time', () => {
  it('hands places on in order, after a failure too', async () => {
    const { started, work, end } = works();
    const inTurn = limited(2);
    const all = ['a', 'b', 'c', 'd'].map((name) => inTurn(work(name)));
    await turn();
    expect(started).toEqual(['a', 'b']);
    end('b', new Error('broken'));
    await expect(all[1]).rejects.toThrow('broken');
    await turn();
    expect(started).toEqual(['a', 'b', 'c']);
    end('a');
    await turn();
    expect(started).toEqual(['a', 'b', 'c', 'd']);
    end('c');
    end('d');
    expect(await Promise.all([all[0], all[2], all[3]])).toEqual(['a', 'c', 'd']);
    const more = inTurn(work('e'));
    await turn();
    end('e');
    expect(await more).toBe('e');
  });
});

describe('heavy reads', () => {
  it('of a fleet wait until the metrics are there', async () => {
    const { started, work, end } = works();
    let there = (): void => undefined;
    const metrics = { settled: () => new Promise<void>((resolve) => (there = resolve)) };
    const read = createHeavyReads(metrics, { fillsCalls: true })(work('traces'));
    await turn();
    expect(started).toEqual([]);
    there();
    await turn();
    expect(started).toEqual(['traces']);
    end('traces');
    expect(await read).toBe('traces');
  });

  it('of one stack wait for nothing', async () => {
    const { started, work } = works();
    const metrics = { settled: () => new Promise<void>(() => undefined) };
    void createHeavyReads(metrics, {})(work('traces'));
    await turn();
    expect(started).toEqual(['traces']);
  });
});
