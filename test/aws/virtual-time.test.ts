import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { cloudOn, failureOf, fakeEndpoint, startMs, type Asked } from './fake-endpoint.ts';

const region = 'us-west-2';
const window = { from: startMs - 600_000, to: startMs };

function empty({ input, operation }: Asked) {
  if (operation !== 'GetMetricData') return { body: { services: [{ serviceName: 'nano-api' }] } };
  // The test's own reader of what the SDK has just written.
  const queries = input['MetricDataQueries'] as readonly { Id: string }[];
  return { body: { MetricDataResults: queries.map(({ Id }) => ({ Id, StatusCode: 'Complete' })) } };
}

describe('on a virtual clock', () => {
  it('calls made at once take as long as the longest, and loading and batching take no time', async () => {
    const clock = new VirtualClock(startMs);
    const endpoint = fakeEndpoint(async (asked) => {
      await clock.sleep(asked.operation === 'GetMetricData' ? 40 : 100);
      return empty(asked);
    });
    const { facts } = cloudOn(endpoint, { clock });
    await Promise.all([
      facts.serviceState({ region, cluster: 'nano', service: 'nano-api' }),
      facts.databaseLoad({ region, cluster: 'nano-db' }, window),
      facts.serviceUtilisation({ region, cluster: 'nano', service: 'nano-api' }, window),
    ]);
    expect(clock.now() - startMs).toBe(100);
    expect(endpoint.asked.filter(({ operation }) => operation === 'GetMetricData')).toHaveLength(1);
  });

  it('waits between attempts in virtual time', async () => {
    const clock = new VirtualClock(startMs);
    const endpoint = fakeEndpoint(async () => {
      await clock.sleep(10);
      return { status: 500, body: { __type: 'ServerException', message: 'no' } };
    });
    const { facts } = cloudOn(endpoint, { clock, random: () => 1 });
    const failure = await failureOf(facts.serviceState({ region, cluster: 'nano', service: 'nano-api' }));
    expect(failure).toMatchObject({ kind: 'service-fault' });
    expect(clock.now() - startMs).toBe(10 + 200 + 10 + 400 + 10);
  });

  it('is the same every time', async () => {
    const run = async () => {
      const clock = new VirtualClock(startMs);
      const order: string[] = [];
      const endpoint = fakeEndpoint(async (asked) => {
        order.push(`${clock.now() - startMs} ${asked.operation}`);
        await clock.sleep(order.length * 7);
        return empty(asked);
      });
      const { facts } = cloudOn(endpoint, { clock });
      await Promise.all([
        facts.databaseLoad({ region, cluster: 'nano-db' }, window),
        facts.serviceState({ region, cluster: 'nano', service: 'nano-api' }),
        facts.databaseLoad({ region: 'us-east-1', cluster: 'nano-db-dr' }, window),
      ]);
      return order;
    };
    // Once to load the modules, whose order on first use is the file system's.
    await run();
    expect(await run()).toEqual(await run());
  });
});
