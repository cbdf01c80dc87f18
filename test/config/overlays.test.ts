import { describe, expect, test } from 'vitest';
import { loadConfigText, validateConfigText } from '../../src/config/load.ts';
import { failureOf, faultsOf, fullExample, minimal } from './example.ts';

const load = (text: string, environment?: string) => loadConfigText(text, 'nanoops.yaml', environment);

describe('an overlay that is chosen', () => {
  test('merges maps, replaces what is no map, and takes away what it leaves empty', () => {
    const text = minimal(
      'compute: { cluster: nano, service: nano-api, maxTasks: 20 }',
      'tracing: { service: nano-api }',
      'drill: { stopAlarms: [one, two] }',
      'state: { dynamodb: { table: nanoops, region: us-east-1 } }',
      'environments: { staging: { compute: { maxTasks: 2 }, tracing: null, drill: { stopAlarms: [three] }, state: file } }',
    );
    const { config, environment } = load(text, 'staging');
    expect(environment).toBe('staging');
    expect(config).toMatchObject({
      environment: 'staging',
      compute: { cluster: 'nano', service: 'nano-api', maxTasks: 2 },
      drill: { stopAlarms: ['three'] },
      state: 'file',
    });
    expect(config.tracing).toBeUndefined();
    expect(load(text).config).toMatchObject({
      environment: 'prod',
      compute: { maxTasks: 20 },
      tracing: { service: 'nano-api' },
    });
  });

  test('may supply what the rest of the file lacks', () => {
    const text = 'service: a\nenvironments: { staging: { regions: { primary: eu-west-1 } } }\n';
    expect(load(text, 'staging').config.regions.primary).toBe('eu-west-1');
    expect(faultsOf(text)).toEqual([expect.stringContaining('nanoops.yaml:1:1 regions: is missing')]);
  });

  test('has its faults at their own places, and those that show only under it say so', () => {
    const text = minimal(
      'storage: { bucket: abc, replicaBucket: abd }',
      'environments:',
      '  staging:',
      '    regions: { recovery: null }',
      '    compute: { cluster: nano, service: a b }',
      '    tracing: null',
    );
    expect(faultsOf(text)).toEqual([]);
    expect(faultsOf(text, 'staging')).toEqual([
      'nanoops.yaml:3:25 storage.replicaBucket: means nothing without regions.recovery: set that, or remove this (with -e staging)',
      expect.stringMatching(/^nanoops\.yaml:7:31 environments\.staging\.compute\.service: must be a service name: /),
      'nanoops.yaml:8:5 environments.staging.tracing: is empty, which removes it, but the rest of the file does not set it',
    ]);
  });

  test.each([
    ['environments: staging', 'environments: must be a map of overlays'],
    ['environments: { staging: }', 'environments.staging: must be a map of what differs'],
    ['environments: { "a b": {} }', 'environments["a b"]: must be named with'],
    [
      'environments: { staging: { environment: stage } }',
      "environments.staging.environment: must go: the overlay's own name",
    ],
    ['environments: { staging: { environments: {} } }', 'environments.staging.environments: must go'],
  ])('%s is refused', (line, expected) => {
    expect(faultsOf(minimal(line)).join('\n')).toContain(expected);
  });
});

describe('an overlay that is not chosen', () => {
  const text = minimal('environments: { staging: { tracng: { service: x } }, dev: { state: fil } }');

  test('stands in nobody’s way', () => {
    expect(faultsOf(text)).toEqual([]);
    expect(faultsOf(text, 'dev')).toHaveLength(1);
  });

  test('is judged when the whole file is validated', async () => {
    const failure = await failureOf(() => validateConfigText(text, 'nanoops.yaml'));
    expect(failure.details).toEqual([
      'nanoops.yaml:3:28 environments.staging.tracng: is unknown; did you mean "tracing"?',
      expect.stringContaining('nanoops.yaml:3:61 environments.dev.state: must be "file"'),
    ]);
  });

  test('does not repeat what is wrong without it', async () => {
    const broken = minimal('state: fil', 'environments: { staging: {}, dev: {} }');
    expect((await failureOf(() => validateConfigText(broken, 'nanoops.yaml'))).details).toHaveLength(1);
  });
});

test('the file’s own environment can be named, with or without an overlay', () => {
  expect(load(fullExample, 'prod').config.compute?.maxTasks).toBe(20);
  expect(load(minimal('environment: live'), 'live').environment).toBe('live');
});

test('an environment that is not described is answered with those that are', async () => {
  const failure = await failureOf(() => load(fullExample, 'stagin\u001B'));
  expect(failure).toMatchObject({ code: 'UnknownEnvironment', exitCode: 2, details: ['prod', 'staging'] });
  expect(failure.message).toBe('nanoops.yaml describes no environment "stagin\\u001b"; did you mean "staging"?');
  expect(failure.nextStep).toContain('prod, staging');
  expect(await failureOf(() => load(fullExample, 'constructor'))).toMatchObject({ code: 'UnknownEnvironment' });
});
