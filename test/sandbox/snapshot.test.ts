/** A world that is kept and taken up again answers as the one that was kept: to the byte, and on from there. */
import { expect, test } from 'vitest';
import { NanoopsError } from '../../src/errors.ts';
import {
  openSandbox,
  parseSnapshot,
  snapshotFormat,
  type Sandbox,
  type WorldSnapshot,
} from '../../src/sandbox/sandbox.ts';
import { isScenarioId, listScenarios } from '../../src/sandbox/scenarios/index.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { createWire } from '../../src/sandbox/wire/wire.ts';
import { opened, reopened, type Opened } from './services/opened.ts';

const MINUTE = 60_000;
const cluster = 'nano';
const service = 'nano-api';

/** As it would be after a file. */
function kept(sandbox: Sandbox): WorldSnapshot {
  return parseSnapshot(JSON.parse(JSON.stringify(sandbox.snapshot())), 'a file');
}

/** Every byte that a client would get for a few reads, with the time that they took. */
async function answers(sandbox: Opened): Promise<readonly string[]> {
  const { clock, services, gate } = sandbox;
  const wire = createWire({ services, gate, clock, requestIds: () => 'the-same' });
  const ask = async (signingName: string, target: string, input: unknown) => {
    const outcome = await wire.handle({
      method: 'POST',
      path: '/',
      query: [],
      headers: {
        host: 'localhost',
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': target,
        authorization: `AWS4-HMAC-SHA256 Credential=x/20261123/us-west-2/${signingName}/aws4_request, SignedHeaders=host, Signature=x`,
      },
      body: new TextEncoder().encode(JSON.stringify(input)),
    });
    const text = outcome.kind === 'response' ? new TextDecoder().decode(outcome.response.body) : outcome.kind;
    return `${clock.now()} ${text}`;
  };
  const ecs = 'AmazonEC2ContainerServiceV20141113';
  return [
    await ask('ecs', `${ecs}.DescribeServices`, { cluster, services: [service] }),
    await ask('ecs', `${ecs}.ListTasks`, { cluster, desiredStatus: 'STOPPED' }),
    await ask('ecs', `${ecs}.ListServiceDeployments`, { cluster, service }),
    await ask('application-autoscaling', 'AnyScaleFrontendService.DescribeScalingActivities', {
      ServiceNamespace: 'ecs',
    }),
    await ask('logs', 'Logs_20140328.FilterLogEvents', {
      logGroupName: '/aws/ecs/nano-api',
      startTime: clock.now() - 3 * MINUTE,
      limit: 200,
    }),
  ];
}

function updated(sandbox: Opened, input: Readonly<Record<string, unknown>>): void {
  const operation = sandbox.services
    .find((each) => each.service === 'ecs')
    ?.operations.find((each) => each.schema[2] === 'UpdateService');
  // The handler's own input type is its operation's business.
  operation?.handle({ cluster, service, ...input } as never, {
    service: 'ecs',
    operation: 'UpdateService',
    region: 'us-west-2',
  });
}

test.each(['cpu-saturated', 'crash-loop-deployment-in-progress', 'deployment-in-progress', 'autoscaling-undoes'])(
  '%s: saved in the midst of a change, and gone on with',
  async (scenario) => {
    const first = opened(scenario, 3);
    await answers(first);
    updated(first, { desiredCount: 8 });
    await first.clock.sleep(40_000);
    const second = reopened({ snapshot: kept(first) });
    expect(second.startMs).toBe(first.startMs);
    expect(second.truth).toEqual(first.truth);
    for (let step = 0; step < 4; step += 1) {
      expect(await answers(second)).toEqual(await answers(first));
      await Promise.all([first.clock.sleep(2 * MINUTE), second.clock.sleep(2 * MINUTE)]);
    }
  },
);

test.each(listScenarios().map(({ id }) => id))('%s survives JSON as it is', (scenario) => {
  const sandbox = openSandbox({ scenario, seed: 2 });
  const snapshot = sandbox.snapshot();
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  expect(snapshot).toMatchObject({ format: snapshotFormat, scenario, seed: 2, nowMs: sandbox.startMs });
  expect(isScenarioId(snapshot.scenario)).toBe(true);
});

test('names that were given stay, whatever stack it is taken up with', () => {
  const stack = {
    ...openSandbox({ scenario: 'healthy', seed: 1 }).stack,
    account: '999988887777',
  };
  const first = openSandbox({ scenario: 'healthy', seed: 1, stack, extraNames: { globalCluster: 'orders-global' } });
  const second = openSandbox({ snapshot: kept(first) });
  expect(second.world.inventory.names).toEqual(first.world.inventory.names);
  expect(second.world.inventory.names).toMatchObject({ account: '999988887777', globalCluster: 'orders-global' });
});

test('whoever wants to know is told of the world after each change, before the call is answered', () => {
  const told: WorldSnapshot[] = [];
  const sandbox = opened('healthy', 1, { onChange: (snapshot) => told.push(snapshot) });
  updated(sandbox, { desiredCount: 7 });
  expect(told).toHaveLength(1);
  expect(told[0]?.inventory.calls.map((call) => call.detail)).toEqual(['desiredCount 7']);
  expect(told[0]?.inventory).toEqual(sandbox.world.inventory);
});

test('what cannot be kept fails the call', () => {
  const sandbox = opened('healthy', 1, {
    onChange: () => {
      throw new Error('no space');
    },
  });
  expect(() => updated(sandbox, { desiredCount: 7 })).toThrow('no space');
});

test('a clock behind the snapshot is refused: a world does not go back', () => {
  const first = openSandbox({ scenario: 'healthy', seed: 1 });
  const clock = new VirtualClock(first.startMs - 1);
  expect(() => openSandbox({ snapshot: first.snapshot(), clock })).toThrow(RangeError);
});

function refusal(value: unknown): NanoopsError {
  try {
    parseSnapshot(value, '.nanoops/sandbox.json');
  } catch (error) {
    if (error instanceof NanoopsError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

test('a snapshot of a newer nanoops is refused, and what is none', () => {
  const snapshot = openSandbox({ scenario: 'healthy', seed: 1 }).snapshot();
  const newer = refusal({ ...snapshot, format: snapshotFormat + 1, inventory: 'of another shape' });
  expect(newer).toMatchObject({ code: 'SnapshotNewer', exitCode: 2 });
  expect(newer.message).toContain('.nanoops/sandbox.json');
  const older = refusal({ ...snapshot, format: snapshotFormat - 1, inventory: 'of another shape' });
  expect(older).toMatchObject({ code: 'SnapshotOlder', exitCode: 2 });
  expect(refusal({ ...snapshot, inventory: undefined })).toMatchObject({ code: 'SnapshotInvalid', exitCode: 2 });
  expect(refusal('{}').code).toBe('SnapshotInvalid');
  expect(refusal(null).code).toBe('SnapshotInvalid');
});
