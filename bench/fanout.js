/**
 * How near a diagnosis comes to its critical path: every call to a fake AWS takes 100 ms, the latency runbook has a
 * chain of three, so nothing can be quicker than three calls and the start of node. Beside it, the `aws` command line
 * making the same calls one after the other, as a script would. Whole processes, in turn, the median of several rounds.
 *
 *   npm run bench:fanout [-- --rounds 7] [--assert] [--no-aws]
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { execa } from 'execa';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, assert: { type: 'boolean' }, 'no-aws': { type: 'boolean' } },
});
const callMs = 100;
const chain = 3;
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
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/**
 * @param {string} file
 * @param {readonly string[]} args
 * @param {string} cwd
 */
async function timed(file, args, cwd) {
  const began = performance.now();
  const ended = await execa(file, args, { cwd, env, extendEnv: false, reject: false });
  return { ms: performance.now() - began, ...ended };
}

/** Starts `sandbox serve` and waits until it tells its address. */
async function serve() {
  const server = spawn(
    process.execPath,
    [bin, 'sandbox', 'serve', 'slow-query', '--port', '0', '--latency', `${callMs}ms`, '-o', 'ndjson'],
    {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const line = await new Promise((resolve, reject) => {
    server.stdout.once('data', (data) => resolve(String(data)));
    server.once('exit', () => reject(new Error('the sandbox did not start')));
  });
  return { server, url: JSON.parse(line).url };
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
const { server, url } = await serve();
try {
  const config = await execa(process.execPath, [bin, 'sandbox', 'config'], { env, extendEnv: false });
  await writeFile(join(folder, 'nanoops.yaml'), config.stdout);
  const rounds = Number(values.rounds);
  /** @type {number[]} */ const node = [];
  /** @type {number[]} */ const walls = [];
  let calls = 0;
  for (let round = -1; round < rounds; round += 1) {
    const start = await timed(process.execPath, ['-e', '0'], folder);
    const run = await timed(process.execPath, [bin, 'diagnose', 'latency', '--endpoint-url', url, '--json'], folder);
    if (run.exitCode !== 1) throw new Error(`the diagnosis ended with ${run.exitCode}: ${run.stderr || run.stdout}`);
    calls = JSON.parse(run.stdout).api.calls;
    if (round < 0) continue; // The first round fills the code cache.
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
  await rm(folder, { recursive: true, force: true });
}
