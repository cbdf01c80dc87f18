/** The simulated AWS on a port: the aws command line, written by others, reads the same world that nanoops diagnoses. */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer, request as forward } from 'node:http';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { nanoops } from '../package/nanoops.ts';

const credentials = { AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox' };
let server: ChildProcess;
let url = '';

beforeAll(async () => {
  const { folder } = inject('installed');
  server = spawn(
    join(folder, 'node_modules/.bin/nanoops'),
    ['sandbox', 'serve', 'slow-query', '--port', '0', '--json'],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  url = await new Promise<string>((resolve, reject) => {
    let text = '';
    server.stdout?.on('data', (data) => {
      text += String(data);
      if (text.trimEnd().endsWith('}')) resolve(JSON.parse(text).url);
    });
    server.once('exit', (code) => reject(new Error(`sandbox serve ended with ${code}`)));
  });
});

afterAll(() => {
  server.kill('SIGKILL');
});

test('nanoops diagnoses it over HTTP as it does in process', async () => {
  const { folder } = inject('installed');
  const { stdout: yaml } = await nanoops(['sandbox', 'config']);
  await writeFile(join(folder, 'served.yaml'), yaml);
  const words = ['diagnose', 'latency', '-c', 'served.yaml', '--endpoint-url', url, '--json'];
  const { exitCode, stdout, stderr } = await nanoops(words, { env: credentials });
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  expect(JSON.parse(stdout).causes[0]).toMatchObject({ cause: 'slow-query', component: 'nano-db' });
});

test('ends by itself after --timeout, as if somebody had ended it', async () => {
  const { exitCode, stdout, stderr } = await nanoops(['sandbox', 'serve', '--port', '0', '--timeout', '200ms']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain('serving "healthy"');
});

async function aws(...words: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await execa(
    'aws',
    ['--endpoint-url', url, '--region', 'us-west-2', '--output', 'json', ...words],
    {
      env: { ...credentials, AWS_EC2_METADATA_DISABLED: 'true', AWS_PAGER: '', AWS_CA_BUNDLE: undefined },
    },
  );
  return JSON.parse(stdout);
}

const installedAws = await execa('aws', ['--version'], { reject: false }).then(({ failed }) => !failed);
const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

test('credentials of another account stop the run before it looks at anything', async () => {
  const { folder } = inject('installed');
  const { stdout: yaml } = await nanoops(['sandbox', 'config']);
  await writeFile(join(folder, 'other.yaml'), yaml.replace(/^account:.*$/m, 'account: "999999999999"'));
  const words = ['diagnose', 'latency', '-c', 'other.yaml', '--endpoint-url', url, '--json'];
  const { exitCode, stdout } = await nanoops(words, { env: credentials });
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout).error).toMatchObject({
    code: 'WrongAccount',
    message: expect.stringContaining('999999999999'),
  });
});

test('a dead primary region does not keep anybody from looking: the other one confirms the account', async () => {
  const { folder } = inject('installed');
  const { stdout: yaml } = await nanoops(['sandbox', 'config']);
  await writeFile(join(folder, 'dead.yaml'), yaml);
  const asked: string[] = [];
  const half = createServer((request, response) => {
    const [, region = '', service = ''] =
      /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)/.exec(request.headers.authorization ?? '') ?? [];
    asked.push(`${region} ${service}`);
    if (region === 'us-west-2') {
      request.socket.destroy();
      return;
    }
    const onward = forward(
      `${url}${request.url ?? ''}`,
      { method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => half.listen(0, '127.0.0.1', resolve));
  const address = half.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const words = ['diagnose', 'latency', '-c', 'dead.yaml', '--endpoint-url', `http://127.0.0.1:${port}`, '--json'];
  const { exitCode, stdout } = await nanoops(words, { env: credentials });
  half.closeAllConnections();
  half.close();
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'nanoops/run@1', verdict: 'unknown', causes: [] });
  expect(asked).toContain('us-east-1 sts');
});

test('an interrupt ends it, and that is no failure', async () => {
  const { folder } = inject('installed');
  const other = spawn(join(folder, 'node_modules/.bin/nanoops'), ['sandbox', 'serve', '--port', '0', '--json']);
  const ended = new Promise((resolve) => other.once('exit', (code) => resolve(code)));
  await new Promise((resolve) => other.stdout.once('data', resolve));
  other.kill('SIGINT');
  expect(await ended).toBe(0);
});

describe.skipIf(!installedAws && process.env['CI'] === undefined)('the aws command line', () => {
  test('rds describe-db-clusters', async () => {
    const { DBClusters } = await aws('rds', 'describe-db-clusters');
    expect(DBClusters).toEqual(
      expect.arrayContaining([expect.objectContaining({ DBClusterIdentifier: 'nano-db', Status: 'available' })]),
    );
  });

  test('ecs describe-services', async () => {
    const { services } = await aws('ecs', 'describe-services', '--cluster', 'nano', '--services', 'nano-api');
    expect(services).toEqual([expect.objectContaining({ serviceName: 'nano-api', status: 'ACTIVE' })]);
  });

  test('cloudwatch get-metric-data', async () => {
    const query = {
      Id: 'p99',
      MetricStat: {
        Metric: {
          Namespace: 'AWS/ApplicationELB',
          MetricName: 'TargetResponseTime',
          Dimensions: [{ Name: 'LoadBalancer', Value: 'app/nano-alb/50dc6c495c0c9188' }],
        },
        Period: 60,
        Stat: 'p99',
      },
    };
    const answer = await aws(
      ...['cloudwatch', 'get-metric-data', '--metric-data-queries', JSON.stringify([query])],
      ...['--start-time', minutesAgo(7), '--end-time', minutesAgo(2)],
    );
    const [result] = answer['MetricDataResults'] as { Values: number[] }[];
    expect(result?.Values.length).toBeGreaterThanOrEqual(4);
    expect(Math.max(...(result?.Values ?? []))).toBeGreaterThan(2);
  });

  test('xray get-trace-summaries', async () => {
    const { TraceSummaries } = await aws(
      ...['xray', 'get-trace-summaries', '--start-time', minutesAgo(6), '--end-time', minutesAgo(2)],
      ...['--filter-expression', 'service("nano-api") { responsetime > 1 }', '--max-items', '5'],
    );
    const summaries = TraceSummaries as { Duration: number }[];
    expect(summaries.length).toBeGreaterThan(0);
    for (const { Duration } of summaries) expect(Duration).toBeGreaterThan(1);
  });

  test('route53 list-resource-record-sets', async () => {
    const { HostedZones } = await aws('route53', 'list-hosted-zones');
    const [zone] = HostedZones as { Id: string }[];
    const { ResourceRecordSets } = await aws(
      'route53',
      'list-resource-record-sets',
      '--hosted-zone-id',
      zone?.Id ?? '',
    );
    expect(JSON.stringify(ResourceRecordSets)).toContain('api.nano.example.');
  });

  test('what is not simulated is refused clearly', async () => {
    await expect(aws('rds', 'describe-db-proxies')).rejects.toThrow(/NotSimulated/);
  });
});
