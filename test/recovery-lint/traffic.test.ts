/** What a lint says of what leads users to a region: the switch, the record, the CDN, the probe. */
import { describe, expect, test } from 'vitest';
import { act, consent, doing, graph, lint } from './stage.ts';

const record = { hostedZoneId: 'Z0123456789NANOEXAMPL', record: 'api.nano.example' };
const control = (name: string): string =>
  `arn:aws:route53-recovery-control::123456789012:controlpanel/0a1b/routingcontrol/${name}`;
const five = ['us-east-1', 'us-west-2', 'eu-west-1', 'ap-northeast-1', 'ap-southeast-2'];

function routing(regions: readonly string[]) {
  return {
    dns: {
      ...record,
      mechanism: 'routing-control',
      routingControls: { primary: control('aa'), recovery: control('bb') },
      endpoints: regions.map((region, index) => ({
        region,
        url: `https://${index}.route53-recovery-cluster.${region}.amazonaws.com/v1`,
      })),
    },
  };
}

const healthCheck = {
  dns: {
    ...record,
    mechanism: 'health-check',
    healthCheckId: '00000000-0000-4000-8000-000000000000',
    switchObject: { bucket: 'nano-switch', key: 'primary-serves' },
  },
};

const move = graph(
  consent,
  act('move', {
    title: 'Move',
    where: 'dns',
    calls: ['route53:ListResourceRecordSets', 'route53-recovery-cluster:GetRoutingControlState', 's3:HeadObject'],
    changes: [
      'route53:ChangeResourceRecordSets',
      'route53-recovery-cluster:UpdateRoutingControlStates',
      's3:DeleteObject',
    ],
    ...doing,
  }),
);

describe('the switch of traffic', () => {
  test('records go with us-east-1, and with nothing else', () => {
    const found = lint({ runbook: move, impaired: 'us-east-1' });
    expect(found.check('lint-traffic-switch')).toMatchObject({
      status: 'breach',
      summary: expect.stringContaining('Route 53'),
      nextStep: expect.stringMatching(/routing-control.*health-check/),
      evidence: [{ detail: expect.stringContaining('route53:ChangeResourceRecordSets') }],
    });
    // Said once.
    expect(found.check('lint-changes').status).toBe('ok');
    expect(lint({ runbook: move }).check('lint-traffic-switch').status).toBe('ok');
  });

  test.each([
    [five, 'us-west-2', 'ok'],
    [five, 'us-east-1', 'ok'],
    [five.slice(0, 4), 'us-west-2', 'warning'],
    [five.slice(0, 3), 'us-west-2', 'warning'],
    [five.slice(0, 2), 'us-west-2', 'breach'],
    [['us-west-2'], 'us-west-2', 'breach'],
    [['eu-west-1'], 'us-west-2', 'breach'],
  ])('routing controls at %j without %s: %s', (regions, impaired, status) => {
    const { check } = lint({ runbook: move, impaired, config: routing(regions) });
    expect(check('lint-traffic-switch').status).toBe(status);
    expect(check('lint-changes').status).toBe('ok');
    expect(check('lint-required-calls').status).toBe('ok');
  });

  test('a health check\u2019s object must not lie in the region', () => {
    expect(lint({ runbook: move, config: healthCheck }).check('lint-traffic-switch').status).toBe('ok');
    expect(
      lint({ runbook: move, config: healthCheck, impaired: 'us-east-1' }).check('lint-traffic-switch'),
    ).toMatchObject({
      status: 'breach',
      summary: expect.stringContaining('nano-switch/primary-serves'),
    });
  });

  test('without dns it is told that nothing is configured', () => {
    const { check } = lint({ runbook: move, config: { dns: undefined }, impaired: 'us-east-1', records: undefined });
    expect(check('lint-traffic-switch').status).toBe('not-configured');
    expect(check('lint-ttl').status).toBe('not-configured');
  });
});

describe('the record', () => {
  const withTtl = (ttl: number) =>
    lint({
      records: { known: true, value: [{ name: 'api.nano.example', type: 'A', ttl, values: ['192.0.2.1'] }] },
    }).check('lint-ttl');

  test('60 s are well, more is a warning', () => {
    expect(withTtl(60).status).toBe('ok');
    expect(withTtl(300)).toMatchObject({ status: 'warning', summary: expect.stringContaining('300 s') });
  });

  test('an alias has 60 s', () => {
    const alias = { dnsName: 'nano-alb.example', hostedZoneId: 'Z1', evaluateTargetHealth: true };
    const { check } = lint({
      records: { known: true, value: [{ name: 'api.nano.example', type: 'A', values: [], alias }] },
    });
    expect(check('lint-ttl').status).toBe('ok');
  });

  test('what cannot be read is unknown, and what is not there is broken', () => {
    expect(
      lint({ records: { known: false, because: 'unknown', reason: 'no credentials' } }).check('lint-ttl'),
    ).toMatchObject({
      status: 'unknown',
      summary: expect.stringContaining('no credentials'),
    });
    expect(lint({ records: { known: true, value: [] } }).check('lint-ttl').status).toBe('breach');
  });
});

test.each([
  [undefined, 'not-configured', 'not configured'],
  [{ distribution: 'E2EXAMPLE', url: 'https://API.nano.example/' }, 'warning', 'cloudfront:UpdateDistribution'],
  [{ distribution: 'E2EXAMPLE', url: 'https://www.nano.example' }, 'ok', 'www.nano.example'],
  [{ distribution: 'E2EXAMPLE' }, 'ok', 'cdn.url is not configured'],
])('a CDN %j before the record: %s', (cdn, status, words) => {
  expect(lint({ config: { cdn } }).check('lint-cdn')).toMatchObject({
    status,
    summary: expect.stringContaining(words),
  });
});

test.each([
  ['https://nano-alb-1.us-west-2.elb.amazonaws.com/healthz', 'breach'],
  ['https://abc.execute-api.us-west-2.amazonaws.com/healthz', 'breach'],
  ['https://nano-alb-1.us-east-1.elb.amazonaws.com/healthz', 'warning'],
  ['https://api.nano.example/us-west-2', 'ok'],
  ['https://us-west-2.nano.example/', 'ok'],
])('%s is probed: %s', (probeUrl, status) => {
  const api = { loadBalancer: 'app/nano-alb/50dc6c495c0c9188', probeUrl };
  expect(lint({ config: { api } }).check('lint-probe-url').status).toBe(status);
});
