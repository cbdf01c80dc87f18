import dns from 'node:dns';
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cloudOn, fakeEndpoint, startMs } from './fake-endpoint.ts';

/** A switch for a warning, set by the adapter itself, and one that has no effect on a client that is given a handler. */
const harmless = new Set([
  'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED',
  'AWS_ENABLE_DEFAULT_SOCKET_TIMEOUT_2026',
]);

const region = 'us-west-2';
const window = { from: startMs - 600_000, to: startMs };

/** Asks every service once; what the answers say does not matter here. */
async function askEverything(): Promise<readonly string[]> {
  const endpoint = fakeEndpoint(() => ({ status: 400, body: { __type: 'ValidationError', message: 'no' } }));
  const { facts, changes } = cloudOn(endpoint, {
    mode: { changes: ['route53-recovery-cluster:UpdateRoutingControlStates', 's3:PutObject'] },
  });
  const routing = [{ region, url: 'https://west.route53-recovery-cluster.us-west-2.amazonaws.com/v1' }];
  await Promise.allSettled([
    facts.caller(region),
    facts.apiTraffic({ region, loadBalancer: 'app/nano/1' }, window),
    facts.zoneTraffic({ region, loadBalancer: 'app/nano/1' }, window),
    facts.serviceState({ region, cluster: 'nano', service: 'nano-api' }),
    facts.scalingLimits({ region, cluster: 'nano', service: 'nano-api' }),
    facts.databaseState({ region, cluster: 'nano-db' }),
    facts.cacheLoad({ region, replicationGroup: 'nano-cache' }, window),
    facts.bucketLoad({ region, bucket: 'nano-zips' }, window),
    facts.errorLines({ region, logGroup: '/aws/ecs/nano-api' }, window, 10),
    facts.traces({ region, service: 'nano-api' }, window, { slowerThanMs: 1_000 }, 5),
    facts.flowLogs(region, ['subnet-1']),
    facts.ingressRules(region, ['sg-1']),
    facts.databaseEvents({ region, cluster: 'nano-db' }, window),
    facts.certificate(region, 'arn:aws:acm:us-west-2:1:certificate/c'),
    facts.imageExists(region, '123456789012.dkr.ecr.us-west-2.amazonaws.com/nano:1'),
    facts.secretExists(region, 'arn:aws:secretsmanager:us-west-2:1:secret:nano'),
    facts.secretExists(region, '/nano/token'),
    facts.tableState({ region, table: 'nano' }),
    facts.records({ hostedZoneId: 'Z1', record: 'nano.example.com' }),
    facts.objectExists({ region, bucket: 'nano', key: 'on' }),
    facts.permissions(region, ['ecs:UpdateService']),
    facts.routingControls(routing, ['arn']),
    changes.setRoutingControls(routing, { arn: 'on' }),
    changes.putObject({ region, bucket: 'nano', key: 'on' }),
  ]);
  return endpoint.asked.map(({ host }) => host);
}

describe('with a request handler and credentials given', () => {
  const touched: string[] = [];
  const environment = process.env;

  beforeEach(async () => {
    // What is loaded on first use is loaded before: modules are read from files, settings must not be.
    await askEverything();
    touched.length = 0;
    const watch = (owner: object, name: string, label: string) => {
      vi.spyOn(owner as Record<string, () => unknown>, name).mockImplementation(() => {
        touched.push(label);
        throw new Error(`${label} is out of bounds`);
      });
    };
    for (const name of ['readFile', 'readFileSync', 'open', 'openSync', 'createReadStream'])
      watch(fs, name, `fs.${name}`);
    for (const name of ['readFile', 'open', 'stat']) watch(fsPromises, name, `fs/promises.${name}`);
    for (const name of ['connect', 'createConnection']) watch(net, name, `net.${name}`);
    watch(net.Socket.prototype, 'connect', 'Socket.connect');
    watch(http, 'request', 'http.request');
    watch(https, 'request', 'https.request');
    watch(dns, 'lookup', 'dns.lookup');
    process.env = new Proxy(environment, {
      get(target, name) {
        if (typeof name === 'string' && /^_?(?:AWS|X_AMZN|SMITHY)/.test(name) && !harmless.has(name)) {
          touched.push(`env.${name}`);
        }
        return Reflect.get(target, name);
      },
    });
  });

  afterEach(() => {
    process.env = environment;
    vi.restoreAllMocks();
  });

  it('reads no file, no setting of the environment, and opens no socket', async () => {
    const hosts = await askEverything();
    expect(touched).toEqual([]);
    expect(new Set(hosts).size).toBeGreaterThanOrEqual(16);
  });

  it('is not led astray by the environment', async () => {
    Object.assign(environment, { AWS_ENDPOINT_URL: 'http://evil.example', AWS_USE_FIPS_ENDPOINT: 'true' });
    try {
      const hosts = await askEverything();
      expect(hosts.filter((host) => host.includes('evil') || host.includes('fips'))).toEqual([]);
    } finally {
      delete environment['AWS_ENDPOINT_URL'];
      delete environment['AWS_USE_FIPS_ENDPOINT'];
    }
  });
});
