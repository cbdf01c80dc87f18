/** Route 53 and routing controls: what is asked of them, and what is told of their answers. */
import { describe, expect, it } from 'vitest';
import { cloudOn, failureOf, fakeClock, fakeEndpoint, type Answer, type Asked } from './fake-endpoint.ts';

const xml = (body: string, status = 200): Answer => ({ status, headers: { 'content-type': 'text/xml' }, body });
const route53Error = (status: number, code: string, message = 'no'): Answer =>
  xml(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    status,
  );
const list = (sets: string, more = '<IsTruncated>false</IsTruncated>'): Answer =>
  xml(
    `<ListResourceRecordSetsResponse><ResourceRecordSets>${sets}</ResourceRecordSets>${more}<MaxItems>300</MaxItems></ListResourceRecordSetsResponse>`,
  );
const set = (name: string, type: string, rest: string) =>
  `<ResourceRecordSet><Name>${name}</Name><Type>${type}</Type>${rest}</ResourceRecordSet>`;
const values = (...given: string[]) =>
  `<ResourceRecords>${given.map((value) => `<ResourceRecord><Value>${value}</Value></ResourceRecord>`).join('')}</ResourceRecords>`;

const ref = { hostedZoneId: 'Z1', record: 'API.nano.example.com' };

describe('records', () => {
  it('are those of one name, whatever comes after it, over all pages', async () => {
    const weighted = (id: string, weight: number) =>
      set(
        'api.nano.example.com.',
        'A',
        `<SetIdentifier>${id}</SetIdentifier><Weight>${weight}</Weight><HealthCheckId>h-${id}</HealthCheckId><AliasTarget><HostedZoneId>ZELB</HostedZoneId><DNSName>dualstack.${id}.elb.amazonaws.com.</DNSName><EvaluateTargetHealth>true</EvaluateTargetHealth></AliasTarget>`,
      );
    const endpoint = fakeEndpoint(({ query }) =>
      query['identifier'] === undefined
        ? list(
            weighted('west', 100),
            '<IsTruncated>true</IsTruncated><NextRecordName>api.nano.example.com.</NextRecordName><NextRecordType>A</NextRecordType><NextRecordIdentifier>east</NextRecordIdentifier>',
          )
        : list(
            `${weighted('east', 0)}${set('api.nano.example.com.', 'TXT', `<TTL>60</TTL>${values('&quot;v&quot;')}`)}${set('www.nano.example.com.', 'A', `<TTL>60</TTL>${values('192.0.2.1')}`)}`,
            '<IsTruncated>true</IsTruncated><NextRecordName>zzz.nano.example.com.</NextRecordName><NextRecordType>A</NextRecordType>',
          ),
    );
    const expected = (id: string, weight: number) => ({
      name: 'api.nano.example.com',
      type: 'A',
      values: [],
      alias: { dnsName: `dualstack.${id}.elb.amazonaws.com`, hostedZoneId: 'ZELB', evaluateTargetHealth: true },
      setIdentifier: id,
      weight,
      healthCheckId: `h-${id}`,
    });
    expect(await cloudOn(endpoint).facts.records(ref)).toEqual([expected('west', 100), expected('east', 0)]);
    expect(endpoint.asked.map(({ host, path, query }) => [host, path, query])).toEqual([
      ['route53.amazonaws.com', '/2013-04-01/hostedzone/Z1/rrset', { name: 'api.nano.example.com.' }],
      [
        'route53.amazonaws.com',
        '/2013-04-01/hostedzone/Z1/rrset',
        { name: 'api.nano.example.com.', type: 'A', identifier: 'east' },
      ],
    ]);
    expect(endpoint.asked[0]?.headers['authorization']).toContain('/us-east-1/route53/aws4_request');
  });

  it('of the other kinds are told with all that a change needs, also with an asterisk', async () => {
    const endpoint = fakeEndpoint(() =>
      list(
        set(
          '\\052.nano.example.com.',
          'CNAME',
          `<SetIdentifier>p</SetIdentifier><Failover>PRIMARY</Failover><TTL>60</TTL>${values('west.example.com')}`,
        ) +
          set(
            '\\052.nano.example.com.',
            'AAAA',
            `<SetIdentifier>l</SetIdentifier><Region>us-west-2</Region><TTL>30</TTL>${values('2001:db8::1', '2001:db8::2')}`,
          ),
      ),
    );
    expect(await cloudOn(endpoint).facts.records({ hostedZoneId: 'Z1', record: '*.nano.example.com' })).toEqual([
      {
        name: '*.nano.example.com',
        type: 'CNAME',
        ttl: 60,
        values: ['west.example.com'],
        setIdentifier: 'p',
        failover: 'PRIMARY',
      },
      {
        name: '*.nano.example.com',
        type: 'AAAA',
        ttl: 30,
        values: ['2001:db8::1', '2001:db8::2'],
        setIdentifier: 'l',
        region: 'us-west-2',
      },
    ]);
  });

  it('that are not there are none, not those of the next name', async () => {
    const endpoint = fakeEndpoint(() => list(set('b.nano.example.com.', 'A', `<TTL>60</TTL>${values('192.0.2.1')}`)));
    expect(await cloudOn(endpoint).facts.records(ref)).toEqual([]);
  });

  it.each([
    ['NoSuchHostedZone', 404, 'not-found'],
    ['AccessDenied', 403, 'permission'],
  ])('of a zone that cannot be asked are not "none": %s', async (code, status, kind) => {
    const endpoint = fakeEndpoint(() => route53Error(status, code));
    expect(await failureOf(cloudOn(endpoint).facts.records(ref))).toMatchObject({
      kind,
      details: { iamAction: 'route53:ListResourceRecordSets', resource: 'Z1', region: 'us-east-1' },
    });
  });

  it('are asked for again where Route 53 is asked too often', async () => {
    const clock = fakeClock();
    const endpoint = fakeEndpoint((_, count) =>
      count < 3 ? route53Error(400, 'Throttling', 'Rate exceeded') : list(''),
    );
    expect(await cloudOn(endpoint, { clock }).facts.records(ref)).toEqual([]);
    expect(clock.slept).toHaveLength(2);
  });

  it.each([
    ['PENDING', 'pending'],
    ['INSYNC', 'insync'],
  ])('are everywhere or not yet: %s', async (said, state) => {
    const endpoint = fakeEndpoint(() =>
      xml(
        `<GetChangeResponse><ChangeInfo><Id>/change/C1</Id><Status>${said}</Status><SubmittedAt>2026-11-23T10:00:00Z</SubmittedAt></ChangeInfo></GetChangeResponse>`,
      ),
    );
    expect(await cloudOn(endpoint).facts.recordChangeState('/change/C1')).toBe(state);
    expect(endpoint.asked[0]?.path).toBe('/2013-04-01/change/C1');
  });
});

describe('a health check', () => {
  const check = (type: string, more = '') =>
    xml(
      `<GetHealthCheckResponse><HealthCheck><Id>h1</Id><CallerReference>r</CallerReference><HealthCheckConfig><Type>${type}</Type>${more}</HealthCheckConfig><HealthCheckVersion>1</HealthCheckVersion></HealthCheck></GetHealthCheckResponse>`,
    );
  const observation = (region: string, status: string) =>
    `<HealthCheckObservation><Region>${region}</Region><IPAddress>192.0.2.1</IPAddress><StatusReport><Status>${status}</Status><CheckedTime>2026-11-23T10:00:00Z</CheckedTime></StatusReport></HealthCheckObservation>`;
  const answering = (config: Answer, status?: Answer) =>
    fakeEndpoint(({ path }) => {
      if (path.endsWith('/h1')) return config;
      if (path.endsWith('/h1/status') && status !== undefined) return status;
      throw new Error(`nobody expected ${path}`);
    });

  it('tells what each checker saw, and what undoes its meaning', async () => {
    const status = xml(
      `<GetHealthCheckStatusResponse><HealthCheckObservations>${observation('us-east-1', 'Success: HTTP Status Code 200, OK')}${observation('eu-west-1', 'Failure: HTTP Status Code 503')}</HealthCheckObservations></GetHealthCheckStatusResponse>`,
    );
    const endpoint = answering(check('HTTPS', '<Inverted>true</Inverted><Disabled>true</Disabled>'), status);
    expect(await cloudOn(endpoint).facts.healthCheck('h1')).toEqual({
      id: 'h1',
      type: 'HTTPS',
      disabled: true,
      inverted: true,
      observations: [
        { region: 'us-east-1', healthy: true, detail: 'Success: HTTP Status Code 200, OK' },
        { region: 'eu-west-1', healthy: false, detail: 'Failure: HTTP Status Code 503' },
      ],
    });
  });

  it.each(['CALCULATED', 'CLOUDWATCH_METRIC', 'RECOVERY_CONTROL'])(
    'without checkers has nobody to ask: %s',
    async (type) => {
      expect(await cloudOn(answering(check(type))).facts.healthCheck('h1')).toMatchObject({ type, observations: [] });
    },
  );

  it('that is not there is told by its id', async () => {
    const endpoint = answering(route53Error(404, 'NoSuchHealthCheck'));
    expect(await failureOf(cloudOn(endpoint).facts.healthCheck('h1'))).toMatchObject({
      kind: 'not-found',
      details: { resource: 'h1', iamAction: 'route53:GetHealthCheck' },
    });
  });
});

const endpoints = [
  { region: 'us-west-2', url: 'https://west.route53-recovery-cluster.us-west-2.amazonaws.com/v1' },
  { region: 'us-east-1', url: 'https://east.route53-recovery-cluster.us-east-1.amazonaws.com/v1' },
  { region: 'eu-west-1', url: 'https://ireland.route53-recovery-cluster.eu-west-1.amazonaws.com/v1' },
];
const control = (name: string) =>
  `arn:aws:route53-recovery-control::123456789012:controlpanel/p/routingcontrol/${name}`;
const controls = [control('west'), control('east')];
const states: Readonly<Record<string, string>> = { [control('west')]: 'On', [control('east')]: 'Off' };
const placeOf = ({ host }: Asked) => host.split('.')[0] ?? '';

const timeout = (): never => {
  throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ETIMEDOUT' });
};
const refused = (): never => {
  throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });
};
const unavailable = (): Answer => ({
  status: 503,
  body: { __type: 'EndpointTemporarilyUnavailableException', message: 'retry another endpoint' },
});
const tell = ({ operation, input }: Asked): Answer => {
  if (operation === 'UpdateRoutingControlStates') return { body: {} };
  const arn = String(input['RoutingControlArn']);
  return { body: { RoutingControlArn: arn, RoutingControlState: states[arn] } };
};

/** Endpoints that fail as said; the others answer. */
const cluster = (failing: Readonly<Record<string, (asked: Asked) => Answer>>) =>
  fakeEndpoint((asked) => (failing[placeOf(asked)] ?? tell)(asked));

describe('routing controls', () => {
  it('are told by the first endpoint, signed for its own region', async () => {
    const endpoint = cluster({});
    expect(await cloudOn(endpoint).facts.routingControls(endpoints, controls)).toEqual({
      [control('west')]: 'on',
      [control('east')]: 'off',
    });
    expect(endpoint.asked.map(placeOf)).toEqual(['west', 'west']);
    expect(endpoint.asked[0]).toMatchObject({ path: '/v1/' });
    expect(endpoint.asked[0]?.headers['authorization']).toContain('/us-west-2/route53-recovery-cluster/aws4_request');
  });

  it.each<[string, (asked: Asked) => Answer]>([
    ['does not answer', timeout],
    ['cannot be reached', refused],
    ['says that it is away for the moment', unavailable],
    ['may not be asked', () => ({ status: 403, body: { __type: 'AccessDeniedException', message: 'no' } })],
  ])('are told by another endpoint where one %s, which is asked once and not waited for long', async (_, fail) => {
    const clock = fakeClock();
    const endpoint = cluster({ west: fail });
    const { facts } = cloudOn(endpoint, { clock });
    expect(await facts.routingControls(endpoints, [control('west')])).toEqual({ [control('west')]: 'on' });
    expect(endpoint.asked.map(placeOf)).toEqual(['west', 'east']);
    expect(endpoint.asked[0]?.options).toMatchObject({ requestTimeout: 2_000 });
    expect(clock.slept).toEqual([]);
  });

  it('are asked of the endpoint that answered, the next time', async () => {
    const endpoint = cluster({ west: timeout });
    const { facts } = cloudOn(endpoint);
    await facts.routingControls(endpoints, [control('west')]);
    await facts.routingControls(endpoints, [control('west')]);
    expect(endpoint.asked.map(placeOf)).toEqual(['west', 'east', 'east']);
  });

  it('that are not there are not looked for everywhere', async () => {
    const endpoint = cluster({
      west: () => ({ status: 404, body: { __type: 'ResourceNotFoundException', message: 'no' } }),
    });
    expect(await failureOf(cloudOn(endpoint).facts.routingControls(endpoints, [control('west')]))).toMatchObject({
      kind: 'not-found',
      details: { resource: control('west'), iamAction: 'route53-recovery-cluster:GetRoutingControlState' },
    });
    expect(endpoint.asked.map(placeOf)).toEqual(['west']);
  });

  it('are unknown where no endpoint answers', async () => {
    const endpoint = cluster({ west: timeout, east: unavailable, ireland: timeout });
    const error = await failureOf(cloudOn(endpoint).facts.routingControls(endpoints, [control('west')]));
    expect(error).toMatchObject({ errorClass: 'unreachable' });
    expect(endpoint.asked.map(placeOf)).toEqual(['west', 'east', 'ireland']);
  });

  it('without an endpoint cannot be asked', async () => {
    const error = await failureOf(cloudOn(cluster({})).facts.routingControls([], controls));
    expect(String(error)).toContain('no endpoint of the cluster is configured');
  });

  it('are asked where everything is asked, when an endpoint was named for that', async () => {
    const endpoint = cluster({});
    const { facts } = cloudOn(endpoint, { endpointUrl: 'http://127.0.0.1:4713' });
    await facts.routingControls(endpoints, [control('west')]);
    expect(endpoint.asked.map(({ host }) => host)).toEqual(['127.0.0.1']);
  });
});

describe('switching routing controls', () => {
  const acting = { mode: { changes: ['route53-recovery-cluster:UpdateRoutingControlStates'] } };
  const wanted = { [control('west')]: 'off', [control('east')]: 'on' } as const;
  const entries = [
    { RoutingControlArn: control('west'), RoutingControlState: 'Off' },
    { RoutingControlArn: control('east'), RoutingControlState: 'On' },
  ];

  it('is one request for all of them', async () => {
    const endpoint = cluster({});
    const cloud = cloudOn(endpoint, acting);
    await cloud.changes.setRoutingControls(endpoints, wanted);
    expect(endpoint.asked.map(({ input }) => input)).toEqual([{ UpdateRoutingControlStateEntries: entries }]);
    expect(cloud.usage().mutations).toBe(1);
  });

  it('goes to the next endpoint where one does not answer', async () => {
    const endpoint = cluster({ west: timeout, east: unavailable });
    await cloudOn(endpoint, acting).changes.setRoutingControls(endpoints, wanted);
    expect(endpoint.asked.map(placeOf)).toEqual(['west', 'east', 'ireland']);
    expect(endpoint.asked.map(({ input }) => input)).toEqual(
      [0, 1, 2].map(() => ({ UpdateRoutingControlStateEntries: entries })),
    );
  });

  it('says that nothing was changed where a safety rule forbids it', async () => {
    const conflict = () => ({ status: 409, body: { __type: 'ConflictException', message: 'a safety rule' } });
    const endpoint = cluster({ west: conflict });
    const error = await failureOf(cloudOn(endpoint, acting).changes.setRoutingControls(endpoints, wanted));
    expect(error).toMatchObject({ kind: 'invalid-request' });
    expect(String(error)).toMatch(/Nothing was changed by it\.$/);
    expect(endpoint.asked).toHaveLength(1);
  });

  it('leaves open whether it was done where one endpoint never said and the others refuse', async () => {
    const denied = () => ({ status: 403, body: { __type: 'AccessDeniedException', message: 'no' } });
    const endpoint = cluster({ west: timeout, east: denied, ireland: denied });
    const error = await failureOf(cloudOn(endpoint, acting).changes.setRoutingControls(endpoints, wanted));
    expect(error).toMatchObject({ kind: 'timeout' });
    expect(String(error)).toMatch(/Whether the change was made is unknown\.$/);
  });

  it('is certain that nothing was done where no endpoint was reached', async () => {
    const endpoint = cluster({ west: refused, east: refused, ireland: refused });
    const error = await failureOf(cloudOn(endpoint, acting).changes.setRoutingControls(endpoints, wanted));
    expect(error).toMatchObject({ kind: 'unreachable', details: { sent: false } });
  });

  it('is refused, unsent, where the cloud was opened to look only', async () => {
    const endpoint = cluster({});
    const error = await failureOf(cloudOn(endpoint).changes.setRoutingControls(endpoints, wanted));
    expect(error).toMatchObject({ kind: 'refused-by-guard' });
    expect(endpoint.asked).toEqual([]);
  });
});
