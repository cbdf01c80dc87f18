import * as ecs from '@aws-sdk/client-ecs';
import * as route53 from '@aws-sdk/client-route-53';
import { describe, expect, it } from 'vitest';
import { createGuard } from '../../src/aws/guard.ts';
import { refuseElsewhere } from '../../src/aws/only-aws.ts';
import { operationOfSchema } from '../../src/aws/operation.ts';
import type { AwsCall, Mode } from '../../src/aws/options.ts';
import { kindOfOperation } from '../../src/aws/reads.ts';
import { createWiring } from '../../src/aws/wiring.ts';
import { CloudError } from '../../src/cloud/errors.ts';
import { failureOf, fakeClock, fakeEndpoint, testCredentials, type FakeEndpoint } from './fake-endpoint.ts';

const region = 'us-west-2';

function wiringOn(requestHandler: FakeEndpoint, mode: Mode) {
  return createWiring({ clock: fakeClock(), random: () => 0, credentials: testCredentials, requestHandler, mode });
}

/** A client as the adapter makes it, handed out bare: whoever holds it can send it any command. */
function bareClient(requestHandler: FakeEndpoint, mode: Mode) {
  const wiring = wiringOn(requestHandler, mode);
  const client = new ecs.ECSClient(wiring.settings(region, testCredentials));
  const connection = wiring.connect('ecs', region, client);
  return { wiring, client, connection };
}

/** A client that no guard sits in. */
function unguarded() {
  const wiring = wiringOn(fakeEndpoint(ok), 'read-only');
  return { client: new ecs.ECSClient(wiring.settings(region, testCredentials)) };
}

const update = () => new ecs.UpdateServiceCommand({ cluster: 'nano', service: 'nano-api', desiredCount: 0 });
const describeOne = () => new ecs.DescribeServicesCommand({ cluster: 'nano', services: ['nano-api'] });
const ok = () => ({ body: { services: [], failures: [] } });

describe('a run that only reads', () => {
  it('cannot send a change, not even to the bare client', async () => {
    const endpoint = fakeEndpoint(ok);
    const { client, wiring } = bareClient(endpoint, 'read-only');
    const error = await failureOf(client.send(update()));
    expect(error).toBeInstanceOf(CloudError);
    expect(error).toMatchObject({
      kind: 'refused-by-guard',
      details: { service: 'ecs', operation: 'UpdateService', region },
    });
    expect(String(error)).not.toContain('it may');
    expect(endpoint.asked).toEqual([]);
    expect(wiring.usage()).toEqual({ calls: 0, mutations: 0, byOperation: {} });
  });

  it('refuses before anybody else hears of it, whoever was there first', async () => {
    const { client } = unguarded();
    const heard: string[] = [];
    client.middlewareStack.add(
      (next) => async (args) => {
        heard.push('heard');
        return next(args);
      },
      { step: 'initialize' },
    );
    client.middlewareStack.use(createGuard('read-only').plugin('ecs', region));
    expect(await failureOf(client.send(update()))).toMatchObject({ kind: 'refused-by-guard' });
    expect(heard).toEqual([]);
    await client.send(describeOne());
    expect(heard).toEqual(['heard']);
  });

  it('counts what those send who stand above it, whoever came last', async () => {
    const { client } = unguarded();
    const guard = createGuard('read-only');
    client.middlewareStack.use(guard.plugin('ecs', region));
    client.middlewareStack.add(
      (next) => async (args) => {
        await next(args);
        return next(args);
      },
      { step: 'finalizeRequest' },
    );
    await client.send(describeOne());
    expect(guard.usage().calls).toBe(2);
  });

  it('hands on what AWS said where it failed', async () => {
    const { client } = bareClient(
      fakeEndpoint(() => ({ status: 400, body: { __type: 'ClusterNotFoundException' } })),
      'read-only',
    );
    expect(await failureOf(client.send(describeOne()))).toMatchObject({ name: 'ClusterNotFoundException' });
  });

  it('refuses what is not on the list though its name sounds like a read', async () => {
    const endpoint = fakeEndpoint(ok);
    const { client } = bareClient(endpoint, 'read-only');
    const error = await failureOf(client.send(new ecs.ListAccountSettingsCommand({})));
    expect(error).toMatchObject({ kind: 'refused-by-guard' });
    expect(endpoint.asked).toEqual([]);
  });

  it('refuses a change that is dressed up as a read', async () => {
    const endpoint = fakeEndpoint(ok);
    const { client } = bareClient(endpoint, 'read-only');
    const forged = describeOne();
    // The private part of a command by which it finds what to put on the wire.
    Object.assign(forged, { resolveMiddleware: update().resolveMiddleware.bind(update()) });
    expect(await failureOf(client.send(forged))).toMatchObject({ kind: 'refused-by-guard' });
    expect(endpoint.asked).toEqual([]);
  });

  it('refuses before it looks for credentials', async () => {
    const wiring = wiringOn(fakeEndpoint(ok), 'read-only');
    const lookups: string[] = [];
    const credentials = async () => {
      lookups.push('looked');
      return testCredentials;
    };
    const client = new ecs.ECSClient(wiring.settings(region, credentials));
    wiring.connect('ecs', region, client);
    await failureOf(client.send(update()));
    expect(lookups).toEqual([]);
  });

  it('counts what it reads, and tells it by its name', async () => {
    const { connection, client, wiring } = bareClient(fakeEndpoint(ok), 'read-only');
    await connection.send(new ecs.ListTasksCommand({}));
    await connection.send(describeOne());
    await client.send(describeOne());
    await client.send(new ecs.ListClustersCommand({}));
    const { byOperation, ...counted } = wiring.usage();
    expect(counted).toEqual({ calls: 4, mutations: 0 });
    expect(Object.entries(byOperation)).toEqual([
      ['ecs:DescribeServices', 2],
      ['ecs:ListClusters', 1],
      ['ecs:ListTasks', 1],
    ]);
  });
});

describe('a run that acts', () => {
  const acting = { changes: ['ecs:UpdateService'] };
  const updated = () => ({ body: { service: { serviceName: 'nano-api' } } });

  it('may send a change that it was allowed, which is counted as one', async () => {
    const endpoint = fakeEndpoint(updated);
    const { connection, wiring } = bareClient(endpoint, acting);
    await connection.send(update());
    expect(endpoint.asked).toHaveLength(1);
    expect(wiring.usage()).toEqual({ calls: 1, mutations: 1, byOperation: { 'ecs:UpdateService': 1 } });
  });

  it('may read what is on the list of reads, and nothing else', async () => {
    const endpoint = fakeEndpoint(ok);
    const { connection, client } = bareClient(endpoint, acting);
    await connection.send(describeOne());
    expect(await failureOf(client.send(new ecs.ListAccountSettingsCommand({})))).toMatchObject({
      kind: 'refused-by-guard',
    });
    expect(endpoint.asked.map(({ operation }) => operation)).toEqual(['DescribeServices']);
  });

  it.each([
    ['another change of the service', acting, new ecs.DeleteServiceCommand({ service: 'nano-api' })],
    ['a change whose name begins alike', { changes: ['ecs:UpdateServicePrimaryTaskSet'] }, update()],
    ['the change under the name of another service', { changes: ['rds:UpdateService', 'UpdateService'] }, update()],
    ['a pattern', { changes: ['ecs:*', '*', 'ecs:Update*'] }, update()],
    ['other letters', { changes: ['ecs:updateservice'] }, update()],
    ['nothing', { changes: [] }, update()],
  ])('cannot send what it was not allowed by its exact name: %s', async (_, mode, command) => {
    const endpoint = fakeEndpoint(updated);
    const { client, wiring } = bareClient(endpoint, mode);
    const error = await failureOf(client.send(command));
    expect(error).toMatchObject({ kind: 'refused-by-guard', errorClass: 'defect', details: { sent: false } });
    expect(String(error)).toContain('Nothing was changed by it.');
    expect(endpoint.asked).toEqual([]);
    expect(wiring.usage().mutations).toBe(0);
  });

  it('says what it may do when it is refused', async () => {
    const { client } = bareClient(fakeEndpoint(updated), { changes: ['rds:FailoverDBCluster'] });
    const error = await failureOf(client.send(update()));
    expect(String(error)).toContain('ecs:UpdateService in us-west-2: refused before it was sent');
    expect(String(error)).toContain('[it may: rds:FailoverDBCluster]');
  });

  it('cannot pass a change off as one that is allowed', async () => {
    const endpoint = fakeEndpoint(updated);
    const { client } = bareClient(endpoint, acting);
    const forged = update();
    const remove = new ecs.DeleteServiceCommand({ service: 'nano-api' });
    // The private part of a command by which it finds what to put on the wire.
    Object.assign(forged, { resolveMiddleware: remove.resolveMiddleware.bind(remove) });
    expect(await failureOf(client.send(forged))).toMatchObject({ kind: 'refused-by-guard' });
    expect(endpoint.asked).toEqual([]);
  });
});

describe('a run that may send nothing but what it is named', () => {
  const only = { only: ['ecs:UpdateService'] };

  it('sends that, and refuses reads too', async () => {
    const endpoint = fakeEndpoint(() => ({ body: { service: {} } }));
    const { client, wiring } = bareClient(endpoint, only);
    await client.send(update());
    const error = await failureOf(client.send(describeOne()));
    expect(error).toMatchObject({ kind: 'refused-by-guard' });
    expect(String(error)).toContain('[it may: ecs:UpdateService]');
    expect(wiring.usage()).toEqual({ calls: 1, mutations: 1, byOperation: { 'ecs:UpdateService': 1 } });
  });
});

describe('a change that would not go to AWS', () => {
  const acting = { changes: ['ecs:UpdateService', 's3:PutObject'] };
  /** Where requests go is decided by nobody that the guard knows of: here, by the client's own setting. */
  const clientAt = (endpoint: string | undefined, guard = createGuard(acting)) => {
    const carrier = fakeEndpoint(() => ({ body: { services: [], failures: [], service: {} } }));
    const wiring = wiringOn(carrier, 'read-only');
    const asked: string[] = [];
    const client = new ecs.ECSClient({ ...wiring.settings(region, testCredentials), endpoint });
    client.middlewareStack.use(guard.plugin('ecs', region));
    client.middlewareStack.add(
      (next) => async (args) => {
        asked.push('retries and signatures');
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'high' },
    );
    return { client, carrier, guard, asked };
  };

  it.each([
    ['https://evil.invalid', 'https://evil.invalid'],
    ['http://ecs.us-west-2.amazonaws.com', 'http://ecs.us-west-2.amazonaws.com'],
    ['https://abc123.execute-api.us-east-1.amazonaws.com/prod', 'https://abc123.execute-api.us-east-1.amazonaws.com'],
    ['https://10.0.0.7:8443', 'https://10.0.0.7:8443'],
  ])('is refused before it is signed, counted or sent: %s', async (endpoint, shown) => {
    const { client, carrier, guard, asked } = clientAt(endpoint);
    const error = await failureOf(client.send(update()));
    expect(error).toMatchObject({
      kind: 'refused-elsewhere',
      errorClass: 'rejected',
      details: { service: 'ecs', operation: 'UpdateService', region, sent: false },
    });
    expect(String(error)).toContain(`it would go to ${shown}, which is not AWS. Nothing was changed by it.`);
    expect(error).toMatchObject({ details: { nextStep: expect.stringContaining(`--endpoint-url ${shown}`) } });
    expect({ sent: carrier.asked, asked, mutations: guard.usage().mutations }).toEqual({
      sent: [],
      asked: [],
      mutations: 0,
    });
    expect(guard.mayRepeat(error)).toBe(false);
  });

  it.each([undefined, 'https://ecs-fips.us-west-2.amazonaws.com', 'http://127.0.0.1:4566', 'http://localhost:4566'])(
    'is none where it goes to AWS or to this machine: %s',
    async (endpoint) => {
      const { client, carrier, asked } = clientAt(endpoint);
      await client.send(update());
      expect({ sent: carrier.asked.length, asked }).toEqual({ sent: 1, asked: ['retries and signatures'] });
    },
  );

  it('is sent where somebody typed the address, and what only looks is sent anywhere', async () => {
    const typed = clientAt('https://evil.invalid', createGuard(acting, undefined, [], { goesAnywhere: true }));
    await typed.client.send(update());
    const looking = clientAt('https://evil.invalid');
    await looking.client.send(describeOne());
    expect([typed, looking].map(({ carrier }) => carrier.asked.length)).toEqual([1, 1]);
  });

  it('is one too that is led elsewhere after it was looked at and signed', async () => {
    const { client, carrier } = clientAt(undefined);
    client.middlewareStack.add(
      (next) => async (args) => {
        Object.assign(args.request as object, { hostname: 'evil.invalid' });
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'normal' },
    );
    expect(await failureOf(client.send(update()))).toMatchObject({ kind: 'refused-elsewhere' });
    expect(carrier.asked).toEqual([]);
  });

  it('is one too whose request cannot be looked at', () => {
    const call = { service: 'ecs', operation: 'UpdateService', region };
    expect(() => refuseElsewhere(call, { url: 'https://ecs.us-west-2.amazonaws.com' })).toThrow('what is no address');
  });
});

describe('a command whose schema names no operation', () => {
  it.each([undefined, 'ListTasks', [], [9, 'com.amazonaws.ecs', 5]])('is on no list: %j', (schema) => {
    expect(operationOfSchema(schema)).toBe('unnamed');
  });
});

describe('operations that a runbook names beside the list of reads', () => {
  const settings = () => new ecs.ListAccountSettingsCommand({});
  const naming = (...namedReads: string[]) => {
    const endpoint = fakeEndpoint(() => ({ body: { settings: [], service: {} } }));
    const wiring = createWiring({
      clock: fakeClock(),
      random: () => 0,
      credentials: testCredentials,
      requestHandler: endpoint,
      mode: 'read-only',
      namedReads,
    });
    const client = new ecs.ECSClient(wiring.settings(region, testCredentials));
    wiring.connect('ecs', region, client);
    return { endpoint, wiring, client };
  };

  it('pass where their names are those of reads, and no others with them', async () => {
    const { client, wiring } = naming('ecs:ListAccountSettings');
    await client.send(settings());
    await client.send(describeOne());
    expect(await failureOf(client.send(new ecs.ListServicesByNamespaceCommand({ namespace: 'nano' })))).toMatchObject({
      kind: 'refused-by-guard',
    });
    expect(wiring.usage()).toEqual({
      calls: 2,
      mutations: 0,
      byOperation: { 'ecs:DescribeServices': 1, 'ecs:ListAccountSettings': 1 },
    });
  });

  it.each([
    ['ecs:ListAccountSettings', 'read'],
    ['ssm:GetParameters', 'secret'],
    ['xray:GetSamplingTargets', 'change'],
    ['ecs:UpdateService', 'change'],
    ['ecs:Getaway', 'change'],
    ['ecs:UpdateGetService', 'change'],
  ])('are judged by their names: %s', (name, kind) => {
    expect(kindOfOperation(name)).toBe(kind);
    expect(createGuard('read-only', undefined, [name]).isRead(name)).toBe(kind === 'read');
    expect(createGuard('read-only').isRead(name)).toBe(false);
  });

  it('do not pass where they change something', async () => {
    const { client, endpoint } = naming('ecs:UpdateService');
    expect(await failureOf(client.send(update()))).toMatchObject({ kind: 'refused-by-guard' });
    expect(endpoint.asked).toEqual([]);
  });
});

describe('what is told of each attempt', () => {
  /** A clock on which every look at it finds a quarter of a second gone. */
  const told = async (
    respond: Parameters<typeof fakeEndpoint>[0],
    send: (client: ecs.ECSClient) => Promise<unknown> = (client) => client.send(describeOne()),
  ) => {
    let nowMs = 0;
    const calls: AwsCall[] = [];
    const clock = { ...fakeClock(), now: () => (nowMs += 250) };
    const guard = createGuard({ changes: ['ecs:UpdateService'] }, { clock, onCall: (call) => calls.push(call) });
    const wiring = wiringOn(fakeEndpoint(respond), 'read-only');
    const client = new ecs.ECSClient({ ...wiring.settings(region, testCredentials), maxAttempts: 1 });
    client.middlewareStack.use(guard.plugin('ecs', region));
    const error: unknown = await send(client).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return { calls, error, guard };
  };
  const call = { service: 'ecs', operation: 'DescribeServices', region, method: 'POST', path: '/', durationMs: 250 };

  it('is how long it took, and what its answer was called', async () => {
    const { calls } = await told(() => ({ headers: { 'x-amzn-requestid': 'r-1' }, body: { services: [] } }));
    expect(calls).toEqual([{ ...call, status: 200, requestId: 'r-1' }]);
  });

  it('is the error that AWS answered with, and its status', async () => {
    const answer = {
      status: 400,
      headers: { 'x-amzn-requestid': 'r-2' },
      body: { __type: 'ClusterNotFoundException' },
    };
    const { calls, error } = await told(() => answer);
    expect(calls).toEqual([{ ...call, status: 400, requestId: 'r-2', error: 'ClusterNotFoundException' }]);
    expect(error).toMatchObject({ name: 'ClusterNotFoundException' });
  });

  it('is no status where no answer came', async () => {
    const { calls, error } = await told(() => {
      throw Object.assign(new Error('connect ECONNRESET'), { code: 'ECONNRESET', name: 'TimeoutError' });
    });
    expect(error).toMatchObject({ name: 'TimeoutError' });
    expect(calls).toStrictEqual([{ ...call, error: 'TimeoutError' }]);
  });

  it('is the other id of a request that has no first one', async () => {
    const { calls } = await told(() => ({ headers: { 'x-amz-id-2': 'r-3' }, body: { services: [] } }));
    expect(calls).toMatchObject([{ requestId: 'r-3' }]);
  });

  it.each(['a text', null, undefined])('is no error where something else was thrown: %s', async (thrown) => {
    const { calls, error, guard } = await told(() => {
      throw thrown;
    });
    expect(calls).toStrictEqual([call]);
    expect(String(error)).toContain(String(thrown));
    expect(guard.mayRepeat(thrown)).toBe(false);
  });

  it('is by which method and path it went', async () => {
    const calls: AwsCall[] = [];
    const body = '<ListHostedZonesResponse><HostedZones/><IsTruncated>false</IsTruncated></ListHostedZonesResponse>';
    const wiring = createWiring({
      clock: fakeClock(),
      random: () => 0,
      credentials: testCredentials,
      requestHandler: fakeEndpoint(() => ({ body })),
      mode: 'read-only',
      onCall: (each) => calls.push(each),
    });
    const client = new route53.Route53Client(wiring.settings(region, testCredentials));
    wiring.connect('route53', region, client);
    await client.send(new route53.ListHostedZonesCommand({}));
    expect(calls).toMatchObject([{ operation: 'ListHostedZones', method: 'GET', path: '/2013-04-01/hostedzone' }]);
  });

  it('lets a read that failed be repeated, and a change never', async () => {
    const broken = () => ({ status: 500, body: { __type: 'ServerException' } });
    const read = await told(broken);
    const change = await told(broken, (client) => client.send(update()));
    expect(read.error).toBeInstanceOf(Error);
    expect(change.error).toBeInstanceOf(Error);
    expect(read.guard.mayRepeat(read.error)).toBe(true);
    expect(change.guard.mayRepeat(change.error)).toBe(false);
    for (const other of [undefined, null, 'a text', new Error('of something else')]) {
      expect(read.guard.mayRepeat(other)).toBe(false);
    }
  });
});
