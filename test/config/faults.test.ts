import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadConfigText, parseConfig, validateConfigText } from '../../src/config/load.ts';
import { NanoopsError } from '../../src/errors.ts';
import { failureOf, faultsOf, fullExample, minimal } from './example.ts';

test('a file that uses every key is read', () => {
  const { config } = loadConfigText(fullExample, 'nanoops.yaml');
  expect(config).toMatchObject({
    service: 'nano-api',
    objectives: { rto: 3_600_000, rpo: 900_000 },
    drill: { holdAfterFailover: 86_400_000 },
    database: { connection: { port: 3306, password: { store: 'env', name: 'DB_PASSWORD' } } },
    notify: { slack: { webhookUrl: { store: 'secretsmanager', name: 'nano/slack', key: 'url' } } },
  });
  expect(validateConfigText(fullExample, 'nanoops.yaml')).toEqual(['prod', 'staging']);
});

test('two keys are enough: every threshold of the specification is a default', () => {
  const { config } = loadConfigText('service: a\nregions: { primary: us-west-2 }\n', 'nanoops.yaml');
  expect(config.objectives.checks['api-latency-p99']).toEqual({ target: 2000, alert: 3000 });
  expect(config.objectives.checks['database-connections']).toEqual({ target: 67, alert: 93 });
  expect(config.objectives.checks['alert-replication-lag']).toEqual({ alert: 30_000 });
  expect(config).toMatchObject({ environment: 'prod', state: 'file', drill: { schedule: '2nd tuesday 15:00' } });
});

test('one threshold can be changed, and the rest stay', () => {
  const { config } = loadConfigText(minimal('objectives: { checks: { ecs-cpu: { alert: 90% } } }'), 'nanoops.yaml');
  expect(config.objectives.checks['ecs-cpu']).toEqual({ target: 70, alert: 90 });
  expect(config.objectives.checks['ecs-memory']).toEqual({ target: 80, alert: 85 });
});

test('many faults of every kind are told at once, in the order of the file, each at its place', async () => {
  const text = `servce: nano
regions:
  primary: us-west-2a
  recovry: us-east-1
account: 012345678901
api:
  loadBalancer: arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/nano-alb/50dc6c495c0c9188
  loadBalancer: app/nano-alb/50dc6c495c0c9188
  targetgroup: x
compute:
database:
  cluster: nano-db
  connection: { host: db, user: me, password: hunter2 }
dns: { hostedZoneId: Z1, record: api.nano.example, mechanism: record }
state: fil
objectives:
  rto: 60
  checks:
    api-latency-p98: { target: 1s }
    ecs-cpu: { target: 75 }
drill:
  timeZone: Europe/Berln
  blackouts:
    - { from: 2026-02-30, to: 2026-03-01 }
environments:
  staging:
    tracng: { service: x }
`;
  const failure = await failureOf(() => validateConfigText(text, 'nanoops.yaml'));
  expect(failure).toMatchObject({ code: 'ConfigInvalid', exitCode: 2 });
  expect(failure.message).toBe('nanoops.yaml has 17 faults; nothing was contacted');
  const expected = [
    'nanoops.yaml:1:1 service: is missing: ',
    'nanoops.yaml:1:1 servce: is unknown; did you mean "service"?',
    'nanoops.yaml:3:3 regions.primary: must be a region, not an availability zone: write "us-west-2"',
    'nanoops.yaml:4:3 regions.recovry: is unknown; did you mean "recovery"?',
    'nanoops.yaml:5:1 account: must be in quotes ("123456789012")',
    'nanoops.yaml:8:3 api.loadBalancer: is set twice: first in line 7, column 3',
    'nanoops.yaml:9:3 api.targetgroup: is unknown; did you mean "targetGroup"?',
    'nanoops.yaml:10:1 compute: is empty: fill it in, or remove the line',
    'nanoops.yaml:13:37 database.connection.password: is a secret written out',
    'nanoops.yaml:14:52 dns.mechanism: must be "records" or "routing-control" or "health-check"; did you mean "records"?',
    'nanoops.yaml:15:1 state: must be "file", or { dynamodb: { table: …, region: … } }; did you mean "file"?',
    'nanoops.yaml:17:3 objectives.rto: has no unit: write 60s, 60m or 60h',
    'nanoops.yaml:19:5 objectives.checks.api-latency-p98: is unknown; did you mean "api-latency-p95"?',
    'nanoops.yaml:20:16 objectives.checks.ecs-cpu.target: 75 has no sign: write 75%',
    'nanoops.yaml:22:3 drill.timeZone: must be a time zone of the IANA database, such as Europe/Berlin or UTC; did you mean "Europe/Berlin"?',
    'nanoops.yaml:24:9 drill.blackouts[0].from: must be a date that the calendar has',
    'nanoops.yaml:27:5 environments.staging.tracng: is unknown; did you mean "tracing"?',
  ];
  expect(failure.details.map((line, index) => line.slice(0, expected[index]?.length))).toEqual(expected);
  expect(JSON.stringify(failure.details)).not.toContain('hunter2');
});

describe('what people write by mistake is answered with what they meant', () => {
  test.each([
    ['regions: { primary: us-west-2, recovery: us-west-2 }', 'regions.recovery: must be another region'],
    ['api: { loadBalancer: net/nano/50dc6c495c0c9188 }', 'must be an Application Load Balancer'],
    ['api: { loadBalancer: nano-1.us-west-2.elb.amazonaws.com }', 'not its DNS name'],
    [
      'api: { loadBalancer: app/a/1, targetGroup: "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/a/1" }',
      'keep only "targetgroup/a/1"',
    ],
    ['api: { loadBalancer: app/a/1, probeUrl: api.nano.example/healthz }', 'must say its protocol: https://'],
    ['api: { loadBalancer: app/a/1, probeUrl: "https://me:pw@nano.example" }', 'must not hold a user or a password'],
    ['compute: { cluster: "arn:aws:ecs:us-west-2:123456789012:cluster/nano", service: a }', 'keep only "nano"'],
    ['compute: { cluster: "${env:CLUSTER}", service: a }', 'references such as ${env:NAME} are read in secrets only'],
    ['compute: { cluster: nano, service: a, maxTasks: many }', 'must be a whole number of tasks'],
    ['database: { cluster: a, rpoProbe: { exec: mysql } }', 'database.rpoProbe.exec: must be a list, not text'],
    ['database: { cluster: a, rpoProbe: { exec: ["-p${env:PW}"] } }', 'is not expanded in a command'],
    ['database: { cluster: a, connection: { host: h, user: u, password: $PW } }', 'shell variables are not expanded'],
    ['dns: { hostedZoneId: /hostedzone/Z1, record: a.example }', 'keep only "Z1"'],
    ['dns: { hostedZoneId: Z1, record: a.example, healthCheckId: x }', 'belongs to another variant'],
    ['dns: { hostedZoneId: Z1, record: a.example, mechanism: routing-control }', 'dns.endpoints: is missing'],
    ['logs: { database: /aws/rds/cluster/a/slowquery }', 'must be the part before /error, /slowquery and /general'],
    ['storage: { bucket: abc, replicaBucket: abc }', 'must be another bucket'],
    ['state: { dynamodb: { tabel: nanoops, region: us-east-1 } }', 'state.dynamodb.table: is missing'],
    ['objectives: { checks: { api-latency-p95: { target: 5s } } }', 'beyond its alert threshold (2s): set both'],
    ['objectives: { checks: { api-availability: { target: 98% } } }', 'beyond its alert threshold (99%): set both'],
    ['objectives: { checks: { weekly-uptime: { alert: 99% } } }', 'is unknown; known here: target'],
    ['drill: { schedule: "5th tuesday 15:00" }', 'not every month has a fifth'],
    ['drill: { blackouts: [{ from: 2026-03-02, to: 2026-03-01 }] }', 'must not end before it begins'],
    ['notify: { slack: { webhookUrl: "https://hooks.slack.example/T0/B0/x" } }', 'is a secret written out'],
    ['notify: { routing: { SEV-5: {} } }', 'is unknown; did you mean'],
    ['notify: { routing: { SEV-1: { page: [boss] } } }', 'notify.routing.SEV-1.page[0]'],
    ['notify: { routing: { SEV-1: { statusPage: Meltdown } } }', 'Major Outage'],
    ['notify: { routing: { critical: { statusPage: Major Outage } } }', 'is unknown'],
    ['notify: { routing: { info: { tell: [slack] } } }', 'means nothing without notify.slack'],
    ['observability: { metrics: { region: us-east-1, namespace: AWS/Nanoops } }', 'must not begin with AWS/'],
    ['observability: { metrics: {} }', 'observability.metrics.region: is missing'],
    ['tracing: { service: 12 }', 'must be text, and YAML reads a number: put it in quotes'],
    ['cdn: E123', 'must be a map, not text'],
  ])('%s', (line, expected) => {
    const text = line.startsWith('regions') ? `service: a\n${line}\n` : minimal(line);
    expect(faultsOf(text).join('\n')).toContain(expected);
  });

  test('parts of a recovery region need one', () => {
    const faults = faultsOf(
      'service: a\nregions: { primary: us-west-2 }\nstorage: { bucket: abc, replicaBucket: def }\n',
    );
    expect(faults).toEqual([
      'nanoops.yaml:3:25 storage.replicaBucket: means nothing without regions.recovery: set that, or remove this',
    ]);
  });
});

describe('what is not a configuration at all', () => {
  test.each([
    ['', 'nanoops.yaml:1:1: is empty'],
    ['# only a comment\n', 'nanoops.yaml:1:1: is empty'],
    ['---\n', 'nanoops.yaml:1:1: is empty'],
    ['- a\n- b\n', 'nanoops.yaml:1:1: must be a map, not a list'],
    ['hello', 'nanoops.yaml:1:1: must be a map, not text'],
    [`${minimal()}---\nservice: b\n`, 'nanoops.yaml:3:1: has 2 documents'],
    [minimal('api:', '\tloadBalancer: x'), 'nanoops.yaml:4:1: is not YAML: Tabs are not allowed as indentation'],
    [minimal('database: { connection: { password: ${env:PW} } }'), 'put references such as "${env:NAME}" in quotes'],
    [
      'service: "nano\nregions: { primary: us-west-2 }\n',
      'nanoops.yaml:1:10 service: begins with a quote that is never closed',
    ],
    [minimal('tracing: { service: !ref x }'), 'tracing.service: has a tag, and tags are not read'],
    [minimal('tracing: *t'), 'nanoops.yaml:3:10 tracing: refers to an anchor that is not set before it'],
    [minimal('tracing: &t { service: *t }'), 'contains itself through an alias'],
    [minimal('<<: { service: b }'), 'YAML 1.2 has no merge keys'],
    [minimal('? [a]', ': b'), 'nanoops.yaml:3:3: has a key that is no plain word'],
    [minimal(': b'), 'nanoops.yaml:3:1: has a value without a key'],
    [`%YAML 1.1\n---\n${minimal()}`, 'nanoops.yaml:1:1: is read as YAML 1.2'],
  ])('%j', (text, expected) => {
    expect(faultsOf(text).join('\n')).toContain(expected);
  });

  test.each([
    ['a deep list', minimal(`tracing: ${'['.repeat(5000)}`), 'is nested more than 64 levels deep'],
    ['deep items', minimal(`tracing:`, `  ${'- '.repeat(4000)}`), 'is nested more than 64 levels deep'],
    ['a long line', `# ${'x'.repeat(10_000)}\n${minimal()}`, 'nanoops.yaml:1:1: is longer than 8192 characters'],
  ])('%s is refused before it costs anything', (_name, text, expected) => {
    expect(faultsOf(text).join('\n')).toContain(expected);
  });

  test('a line that is too long is answered with advice about lines', async () => {
    const failure = await failureOf(() => validateConfigText(`# ${'x'.repeat(10_000)}`, 'nanoops.yaml'));
    expect(failure.nextStep).toContain('Break the line up');
  });

  test('of very many faults a thousand are told, and how many there are', () => {
    const faults = faultsOf(minimal(...Array.from({ length: 5000 }, (_, index) => `unknown${index}: 1`)));
    expect(faults).toHaveLength(1001);
    expect(faults.at(-1)).toBe('… and 4000 more');
  });

  test('where syntax is broken, faults elsewhere are told too, but not what may only be hidden by it', () => {
    const faults = faultsOf('tracing: @nano\nregions: { primary: us-west-2 }\ncache:\nstate: fil\n');
    expect(faults.map((line) => line.slice(0, 40))).toEqual([
      'nanoops.yaml:1:10: is not YAML: Plain va',
      'nanoops.yaml:4:1 state: must be "file", ',
    ]);
  });

  test('aliases of aliases end in an error before they cost anything', async () => {
    const names = 'abcdefghijklmnop'.split('');
    const lines = names.map((name, index) => {
      const item = index === 0 ? 'x' : `*${names[index - 1]}`;
      return `${name}: &${name} [${Array.from({ length: 9 }, () => item).join(', ')}]`;
    });
    const failure = await failureOf(() => loadConfigText(lines.join('\n'), 'nanoops.yaml'));
    expect(failure).toMatchObject({ code: 'ConfigAliasBomb', exitCode: 2 });
  });

  test('an honest alias is read', () => {
    const text = minimal('tracing: { service: &name nano-api }', 'compute: { cluster: nano, service: *name }');
    expect(loadConfigText(text, 'nanoops.yaml').config.compute?.service).toBe('nano-api');
  });

  test('keys of the language itself are unknown keys and touch nothing', () => {
    const faults = faultsOf(minimal('__proto__: { polluted: true }', 'constructor: 1', 'toString: 1'));
    expect(faults).toEqual([
      'nanoops.yaml:3:1 __proto__: is unknown',
      'nanoops.yaml:4:1 constructor: is unknown',
      'nanoops.yaml:5:1 toString: is unknown',
    ]);
    expect('polluted' in {}).toBe(false);
  });
});

test('a secret that is written out is never repeated, whatever YAML makes of it', () => {
  const before = [
    '',
    '!',
    '!!x ',
    '*',
    '&',
    '@',
    '`',
    '%',
    '|',
    '>',
    '[',
    '{',
    '}',
    '"',
    "'",
    '"a" ',
    'a: ',
    '- ',
    '"\\q',
  ];
  const written = [...before.map((mark) => `${mark}S3cret`), '"\\qS3cret"', '"S3cret\\a"'];
  for (const each of written) {
    const block = faultsOf(minimal('database:', '  connection:', `    password: ${each}`, '  cluster: x'));
    const flow = faultsOf(minimal(`database: { cluster: x, connection: { password: ${each} } }`));
    expect(block).not.toEqual([]);
    expect(flow).not.toEqual([]);
    expect([...block, ...flow].filter((line) => line.includes('S3cret'))).toEqual([]);
  }
});

test('no control character of the file reaches a message', () => {
  const faults = faultsOf(
    minimal('"a\\e[31mb": 1', 'cdn: { distribution: "E\\u0007" }', 'tracing: !\u001B[2J x', 'x\u202Ey: 1', '*\u009Bz'),
  );
  expect(faults.length).toBeGreaterThan(3);
  expect(faults.join('\n')).toContain('["a\\u001b[31mb"]');
  expect(faults.join('')).not.toMatch(/[\p{Cc}\u202E]/u);
});

test('whatever text is given, it is a configuration or an error for people, with a place for each fault', () => {
  const words = fc.constantFrom(
    ...'service regions primary api environments null &a *a !!x " \' << __proto__ { } [ ] , # > % us-west-2'.split(' '),
    ...': |\n|  |- |---\n|? |\t|\0|\u2028'.split('|'),
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.array(words, { maxLength: 40 }).map((each) => each.join('')),
    fc
      .tuple(fc.nat(fullExample.length), words)
      .map(([at, word]) => fullExample.slice(0, at) + word + fullExample.slice(at)),
  );
  fc.assert(
    fc.property(text, (each) => {
      const failure = outcomeOf(each);
      expect(failure?.exitCode ?? 2).toBe(2);
      const lines = failure?.details ?? [];
      expect(lines.filter((line) => !/^nanoops\.yaml:\d+:\d+[: ]/.test(line))).toEqual([]);
      expect(lines.join('')).not.toMatch(/\p{Cc}/u);
    }),
    { numRuns: 100 },
  );
});

function outcomeOf(text: string): NanoopsError | undefined {
  try {
    validateConfigText(text, 'nanoops.yaml');
    return undefined;
  } catch (error) {
    if (error instanceof NanoopsError) return error;
    throw error;
  }
}

describe('a configuration that a program made', () => {
  test('is read like a file', () => {
    expect(parseConfig({ service: 'a', regions: { primary: 'us-west-2' } }, 'the test').service).toBe('a');
  });

  test('is refused with paths instead of lines', async () => {
    const failure = await failureOf(() => parseConfig({ service: 'a', regions: { primry: 'us-west-2' } }, 'the test'));
    expect(failure.details).toContain('the test regions.primry: is unknown; did you mean "primary"?');
  });
});
