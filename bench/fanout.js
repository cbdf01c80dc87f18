/**
 * How near a diagnosis comes to its critical path: every call to a fake AWS takes 100 ms, and the budget is a chain of
 * three (metrics, what is slow, its traces) and the start of node. The runbook asks the first two at once, so that its
 * own chain is two as long as the network is not to blame; both ratios are printed. Beside it, the `aws` command line
 * making the same calls one after the other, as a script would. Whole processes, in turn, the median of several rounds.
 *
 *   npm run bench:fanout [-- --rounds 7] [--assert] [--no-aws]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { execa } from 'execa';

import { bin, env, median, rememberingEndpoint, serve, timed } from './support/endpoint.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, assert: { type: 'boolean' }, 'no-aws': { type: 'boolean' } },
});
const callMs = 100;
const chain = 3;
const ownChain = 2;
const allowed = 1.5;

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
const { endpoint, url } = await rememberingEndpoint(simulated, callMs);
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
