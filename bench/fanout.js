/**
 * How near a diagnosis comes to its critical path: every call to a fake AWS takes 100 ms, and the budget is a chain of
 * three (metrics, what is slow, its traces) and the start of node. The runbook asks the first two at once, so that its
 * own chain is two as long as the network is not to blame; both ratios are printed. Beside it, the `aws` command line
 * making the same calls one after the other, as a script would. Whole processes, in turn, the median of several rounds.
 *
 *   npm run bench:fanout [-- --rounds 7] [--assert] [--no-aws]
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { execa } from 'execa';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, assert: { type: 'boolean' }, 'no-aws': { type: 'boolean' } },
});
const callMs = 100;
const chain = 3;
const ownChain = 2;
const allowed = 1.5;
const bin = join(dirname(import.meta.dirname), 'bin/nanoops.js');

const { NODE_EXTRA_CA_CERTS: _certificates, AWS_CA_BUNDLE: _bundle, CI: _ci, ...inherited } = process.env;
const env = {
  ...inherited,
  AWS_ACCESS_KEY_ID: 'sandbox',
  AWS_SECRET_ACCESS_KEY: 'sandbox',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
};

/** @param {readonly number[]} numbers */
function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/**
 * @param {string} file
 * @param {readonly string[]} args
 * @param {string} cwd
 */
async function timed(file, args, cwd) {
  const began = performance.now();
  const ended = await execa(file, args, { cwd, env, extendEnv: false, reject: false });
  const { exitCode, stdout, stderr } = ended;
  return { ms: performance.now() - began, exitCode, stdout, stderr };
}

/** Starts `sandbox serve` and waits until it tells its address. */
async function serve() {
  const words = ['sandbox', 'serve', 'slow-query', '--port', '0', '--latency', '0s', '-o', 'ndjson'];
  const server = spawn(process.execPath, [bin, ...words], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise((resolve, reject) => {
    server.stdout.once('data', (data) => resolve(String(data)));
    server.once('exit', () => reject(new Error('the sandbox did not start')));
  });
  return { server, url: JSON.parse(line).url };
}

/**
 * The endpoint that takes 100 ms a call: what the simulated AWS answered to a request before, it answers again without
 * computing, so that what is measured is nanoops and not the simulation.
 *
 * @param {string} behind
 */
async function rememberingEndpoint(behind) {
  /** @type {Map<string, Promise<{ status: number, headers: [string, string][], body: Buffer }>>} */
  const known = new Map();
  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  const answerTo = async (request, response) => {
    const due = performance.now() + callMs;
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const key = [request.method, request.url, request.headers['x-amz-target'], body.toString('base64')].join('\n');
    let answer = known.get(key);
    if (answer === undefined) {
      answer = ask(`${behind}${request.url}`, request, body);
      known.set(key, answer);
    }
    const { status, headers, body: answered } = await answer;
    setTimeout(
      () => {
        response.writeHead(status, Object.fromEntries(headers));
        response.end(answered);
      },
      Math.max(0, due - performance.now()),
    );
  };
  const endpoint = createServer((request, response) => {
    answerTo(request, response).catch((error) => response.destroy(error));
  });
  await new Promise((resolve) => endpoint.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = endpoint.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { endpoint, url: `http://127.0.0.1:${address.port}` };
}

/**
 * @param {string} url
 * @param {import('node:http').IncomingMessage} request
 * @param {Buffer} body
 */
async function ask(url, { method = 'POST', headers }, body) {
  const { host: _host, connection: _connection, 'content-length': _length, ...kept } = headers;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const given = Object.entries(kept).map(([name, value]) => /** @type {[string, string]} */ ([name, String(value)]));
  const answer = await fetch(url, { method, headers: given, ...(hasBody && { body }) });
  const answered = [...answer.headers].filter(
    ([name]) => !['connection', 'keep-alive', 'transfer-encoding'].includes(name),
  );
  return { status: answer.status, headers: answered, body: Buffer.from(await answer.arrayBuffer()) };
}

/** The operations that a diagnosis makes, as `aws` commands; enough of each to be answered. */
const awsCommands = [
  [
    'cloudwatch',
    'get-metric-data',
    '--start-time',
    '2026-01-01T00:00:00Z',
    '--end-time',
    '2026-01-01T00:10:00Z',
    '--metric-data-queries',
    '[{"Id":"a","MetricStat":{"Metric":{"Namespace":"AWS/ECS","MetricName":"CPUUtilization","Dimensions":[{"Name":"ClusterName","Value":"nano"},{"Name":"ServiceName","Value":"nano-api"}]},"Period":60,"Stat":"Average"}}]',
  ],
  ['ecs', 'describe-services', '--cluster', 'nano', '--services', 'nano-api'],
  ['ecs', 'list-service-deployments', '--cluster', 'nano', '--service', 'nano-api'],
  ['ecs', 'list-tasks', '--cluster', 'nano', '--service-name', 'nano-api', '--desired-status', 'STOPPED'],
  ['application-autoscaling', 'describe-scalable-targets', '--service-namespace', 'ecs'],
  ['rds', 'describe-db-clusters'],
  ['rds', 'describe-db-instances'],
  ['elasticache', 'describe-replication-groups'],
  ['elbv2', 'describe-load-balancers'],
  ['logs', 'filter-log-events', '--log-group-name', '/aws/ecs/nano-api', '--max-items', '10'],
  ['s3api', 'list-bucket-metrics-configurations', '--bucket', 'nano-zips'],
  ['xray', 'get-trace-summaries', '--start-time', '2026-01-01T00:00:00Z', '--end-time', '2026-01-01T00:10:00Z'],
];

const folder = await mkdtemp(join(tmpdir(), 'nanoops-fanout-'));
const { server, url: simulated } = await serve();
const { endpoint, url } = await rememberingEndpoint(simulated);
try {
  const config = await execa(process.execPath, [bin, 'sandbox', 'config'], { env, extendEnv: false });
  // With an account named, one more call comes before everything else: is it that account?
  await writeFile(join(folder, 'nanoops.yaml'), config.stdout.replace(/^account:.*\n/m, ''));
  const rounds = Number(values.rounds);
  // The same window every time, so that every round asks the same.
  const until = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 120_000).toISOString();
  const diagnosis = ['diagnose', 'latency', '--until', until, '--json'];
  /** @type {number[]} */ const node = [];
  /** @type {number[]} */ const walls = [];
  let calls = 0;
  for (let round = -1; round < rounds; round += 1) {
    const start = await timed(process.execPath, ['-e', '0'], folder);
    const run = await timed(process.execPath, [bin, ...diagnosis, '--endpoint-url', url], folder);
    if (run.exitCode !== 1) throw new Error(`the diagnosis ended with ${run.exitCode}: ${run.stderr || run.stdout}`);
    calls = JSON.parse(run.stdout).api.calls;
    if (round < 0) continue; // The first round fills the code cache and the endpoint's memory.
    node.push(start.ms);
    walls.push(run.ms);
  }
  const ideal = chain * callMs + median(node);
  const ratio = median(walls) / ideal;
  console.log(`node -e 0                    ${median(node).toFixed(0)} ms`);
  console.log(
    `critical path                ${chain} calls of ${callMs} ms, with the start of node ${ideal.toFixed(0)} ms`,
  );
  console.log(
    `nanoops diagnose latency     ${median(walls).toFixed(0)} ms for ${calls} calls: ${ratio.toFixed(2)} × the critical path (at most ${allowed})`,
  );
  const own = ownChain * callMs + median(node);
  console.log(
    `                             ${(median(walls) / own).toFixed(2)} × its own chain of ${ownChain}, ${own.toFixed(0)} ms`,
  );
  if (values['no-aws'] !== true) {
    const began = performance.now();
    for (const command of awsCommands) {
      const ended = await timed(
        'aws',
        ['--endpoint-url', url, '--region', 'us-west-2', '--output', 'json', ...command],
        folder,
      );
      if (ended.exitCode !== 0) throw new Error(`aws ${command.join(' ')}: ${ended.stderr}`);
    }
    console.log(
      `aws, one call after another  ${(performance.now() - began).toFixed(0)} ms for ${awsCommands.length} calls`,
    );
  }
  if (values.assert === true && ratio > allowed) process.exitCode = 1;
} finally {
  server.kill('SIGTERM');
  endpoint.closeAllConnections();
  endpoint.close();
  await rm(folder, { recursive: true, force: true });
}
