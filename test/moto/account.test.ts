/** Who looks for threats, what the trail's log group holds and what the account costs, as far as moto knows any of it. */
import { CreateDetectorCommand, GuardDutyClient, UpdateDetectorCommand } from '@aws-sdk/client-guardduty';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAws, type AwsCloud } from '../../src/aws/open-aws.ts';
import type { Clock } from '../../src/engine/clock.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { credentials, region, seedLogLines } from './stack.ts';

const dayMs = 86_400_000;
const account = { region, account: '123456789012' };

/** The system's clock, without the waits between attempts. */
const clock: Clock = { now: () => Date.now(), sleep: async () => {}, busy: (work) => work() };

describe.skipIf(motoIsAbsent())('an account on moto over HTTP', () => {
  let moto: MotoServer;
  const clouds: AwsCloud[] = [];
  const nowMs = Date.now();
  const window = { from: nowMs - 7 * dayMs, to: nowMs };
  /** What was asked before is remembered by a cloud. */
  const facts = () => {
    const cloud = openAws({ clock, random: Math.random, mode: 'read-only', credentials, endpointUrl: moto.url });
    clouds.push(cloud);
    return cloud.facts;
  };

  beforeAll(async () => {
    moto = await startMoto();
  }, 180_000);

  afterAll(async () => {
    for (const cloud of clouds) cloud.close();
    await moto?.close();
  });

  it('has nothing that looks for threats, until a detector is made', async () => {
    expect(await facts().threats(region, window)).toMatchObject({ detectors: [], suspended: [], findings: [] });
  });

  it('has a detector that is switched off; moto knows no findings, and that is no answer', async () => {
    const client = new GuardDutyClient({ region, endpoint: moto.url, credentials });
    const { DetectorId = '' } = await client.send(new CreateDetectorCommand({ Enable: true }));
    await client.send(new UpdateDetectorCommand({ DetectorId, Enable: false }));
    client.destroy();
    await expect(facts().threats(region, window)).rejects.toMatchObject({
      details: { service: 'guardduty', operation: 'ListFindings', region },
    });
  });

  it('has a trail\u2019s log group, whose lines are told for what they are', async () => {
    const at = nowMs - 3_600_000;
    const record = {
      eventTime: new Date(at).toISOString(),
      eventSource: 'iam.amazonaws.com',
      eventName: 'CreateUser',
      awsRegion: 'us-east-1',
      sourceIPAddress: '203.0.113.7',
      errorCode: 'AccessDenied',
      userIdentity: { type: 'IAMUser', userName: 'anna' },
    };
    await seedLogLines(moto.url, 'trail', [{ at, message: JSON.stringify(record) }]);
    const log = await facts().trailLog({ region, logGroup: 'trail' }, window);
    expect(log.events).toEqual([
      { at, kind: 'denied', call: 'iam:CreateUser', region: 'us-east-1', who: 'anna', from: '203.0.113.7' },
    ]);
    expect(log.isWritten).toBe(true);
  });

  it('costs what Cost Explorer says', async () => {
    const result = {
      ResultsByTime: [
        {
          TimePeriod: { Start: '2026-11-01', End: '2026-11-02' },
          Total: {},
          Groups: [{ Keys: ['AWS X-Ray'], Metrics: { UnblendedCost: { Amount: '1.25', Unit: 'USD' } } }],
          Estimated: true,
        },
      ],
      DimensionValueAttributes: [],
    };
    const queued = await fetch(`${moto.url}/moto-api/static/ce/cost-and-usage-results`, {
      method: 'POST',
      body: JSON.stringify({ results: [result] }),
    });
    expect(queued.status).toBe(201);
    const span = { fromDay: Date.UTC(2026, 10, 1), toDay: Date.UTC(2026, 10, 2) };
    expect(await facts().dailyCosts(account, span)).toMatchObject({
      currency: 'USD',
      pages: 1,
      days: [{ day: span.fromDay, byService: { 'AWS X-Ray': 1.25 } }],
    });
    // Of days that nobody seeded moto knows nothing at all.
    expect((await facts().dailyCosts(account, { ...span, toDay: span.toDay + dayMs })).days).toEqual([]);
  });
});
