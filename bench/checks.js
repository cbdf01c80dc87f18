/**
 * What looking costs on a calm day. First the weekly checklist on a stack with everything configured, every call taking 100 ms:
 * API calls by region (bounded look-ups, which page through logs and trails, are counted apart), calls for metrics by region and
 * window, and how near it comes to its critical path: nanoops starts and reads the configuration (`config validate`, in the same
 * run), and then come a chain of look-ups, each of which needs the one before. Then 500 services in one go:
 * calls for metrics per 5,000 series, the peak of memory, with every twentieth call throttled, and three files that cannot be
 * read.
 *
 *   npm run bench:checks [-- --rounds 5] [--services 500] [--assert]
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { execa } from 'execa';

import { bin, env, measured, median, rememberingEndpoint, serve, timed } from './support/endpoint.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    services: { type: 'string', default: '500' },
    assert: { type: 'boolean' },
  },
});
const callMs = 100;
/** Who is asked, what names what is to be asked for, and that. */
const chain = 3;
const limits = { callsARegion: 25, ratio: 1.5, callsPer5000: 12, memoryMb: 150 };

/** Operations that page through what happened, for as long as their own bounds allow. */
const boundedLookUps = ['LookupEvents', 'FilterLogEvents', 'GetQueryResults', 'StartQuery', 'BatchGetTraces'];

/** @param {string} text @param {boolean} isWithin */
function told(text, isWithin) {
  console.log(`${isWithin ? ' ' : '!'} ${text}`);
  if (!isWithin && values.assert === true) process.exitCode = 1;
}

/** @param {readonly string[]} names */
function tally(names) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a);
}

/** The span and the number of series of a call for metrics, as JSON or CBOR holds them. */
function metricsAsked(/** @type {Buffer} */ body) {
  const text = body.toString('utf8');
  if (!text.startsWith('{')) throw new Error('GetMetricData came in a protocol that this endpoint does not speak');
  return JSON.parse(text);
}

async function weekly() {
  const folder = await mkdtemp(join(tmpdir(), 'nanoops-weekly-'));
  const { server, url: simulated } = await serve('healthy');
  const { endpoint, url, asked } = await rememberingEndpoint(simulated, callMs);
  try {
    const { stdout } = await execa(process.execPath, [bin, 'sandbox', 'config'], { env, extendEnv: false });
    await writeFile(join(folder, 'nanoops.yaml'), stdout.replace(/^account:.*\n/m, ''));
    const until = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 120_000).toISOString();
    const words = ['checklist', 'weekly', '--until', until, '--json', '--endpoint-url', url];
    /** @type {number[]} */ const starts = [];
    /** @type {number[]} */ const walls = [];
    for (let round = -1; round < Number(values.rounds); round += 1) {
      const start = await timed(process.execPath, [bin, 'config', 'validate'], folder);
      if (start.exitCode !== 0) throw new Error(`the configuration is not valid: ${start.stderr}`);
      asked.length = 0;
      const run = await timed(process.execPath, [bin, ...words], folder);
      if (![0, 1, 3].includes(run.exitCode ?? -1)) throw new Error(`it ended with ${run.exitCode}: ${run.stderr}`);
      if (round < 0) continue; // The first round fills the code cache and the endpoint's memory.
      starts.push(start.ms);
      walls.push(run.ms);
    }
    const isBounded = (/** @type {{ operation: string }} */ { operation }) => boundedLookUps.includes(operation);
    for (const region of new Set(asked.map((each) => each.region))) {
      const own = asked.filter((each) => each.region === region && !isBounded(each));
      const count = own.length;
      told(
        `${region.padEnd(12)} ${String(count).padStart(3)} calls (at most ${limits.callsARegion}), ${asked.filter((each) => each.region === region && isBounded(each)).length} of bounded look-ups beside`,
        count <= limits.callsARegion,
      );
      console.log(
        `    ${tally(own.map(({ operation }) => operation))
          .map(([name, times]) => `${name} ${times}`)
          .join(', ')}`,
      );
    }
    const ideal = median(starts) + chain * callMs;
    const ratio = median(walls) / ideal;
    told(
      `checklist weekly ${median(walls).toFixed(0)} ms: ${ratio.toFixed(2)} × its start (${median(starts).toFixed(0)} ms) and a chain of ${chain} calls of ${callMs} ms (at most ${limits.ratio})`,
      ratio <= limits.ratio,
    );
  } finally {
    server.kill('SIGTERM');
    endpoint.closeAllConnections();
    endpoint.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a metric shows when all is well. */
function usual(/** @type {string} */ metric) {
  if (/5XX|4XX|4xx|5xx|Error|Deadlock/.test(metric)) return undefined;
  if (/ResponseTime/.test(metric)) return 0.2;
  if (/Lag|Latency/.test(metric)) return 20;
  if (/Hours/.test(metric)) return 5;
  if (/RequestCount|AllRequests|DailyActiveUsers|VolumeBytes/.test(metric)) return 2000;
  return 40;
}

async function fleet() {
  const count = Number(values.services);
  const folder = await mkdtemp(join(tmpdir(), 'nanoops-fleet-'));
  const { server, url: simulated } = await serve('healthy');
  let metricCalls = 0;
  let series = 0;
  let throttled = 0;
  const { endpoint, url } = await rememberingEndpoint(simulated, callMs, {
    // Behind it, every service is the one that is simulated.
    rewrite: (text) => text.replaceAll(/-svc\d+/g, ''),
    answers: (request, body) => {
      if (!String(request.headers['x-amz-target']).endsWith('.GetMetricData')) return undefined;
      metricCalls += 1;
      const headers = /** @type {[string, string][]} */ ([['content-type', 'application/x-amz-json-1.0']]);
      if (metricCalls % 20 === 0) {
        throttled += 1;
        return {
          status: 400,
          headers,
          body: Buffer.from('{"__type":"com.amazonaws.cloudwatch#ThrottlingException","message":"Rate exceeded"}'),
        };
      }
      const { MetricDataQueries: queries, StartTime: from, EndTime: to } = metricsAsked(body);
      series += queries.length;
      const results = queries.map((/** @type {any} */ { Id, MetricStat }) => {
        const value = usual(MetricStat.Metric.MetricName);
        const points = value === undefined ? 0 : Math.floor((to - from) / MetricStat.Period);
        return {
          Id,
          StatusCode: 'Complete',
          Timestamps: Array.from({ length: points }, (_, index) => from + index * MetricStat.Period),
          Values: Array.from({ length: points }, () => value),
        };
      });
      return { status: 200, headers, body: Buffer.from(JSON.stringify({ MetricDataResults: results })) };
    },
  });
  try {
    const { stdout } = await execa(process.execPath, [bin, 'sandbox', 'config'], { env, extendEnv: false });
    await mkdir(join(folder, 'services'));
    await Promise.all(
      Array.from({ length: count }, (_, index) => {
        const name = `-svc${index}`;
        const text = stdout
          .replace(/^account:.*\n/m, '')
          .replace(/^service: .*$/m, `service: service${name}`)
          .replaceAll(
            /((?:cluster|service|recoveryCluster|bucket|replicaBucket|namespace|globalCluster): )([\w./-]+)/g,
            (_all, key, value) => (value === `service${name}` ? `${key}${value}` : `${key}${value}${name}`),
          )
          .replaceAll(/(app\/[\w-]+)(\/\w+)/g, `$1${name}$2`);
        // Three of them cannot be read.
        return writeFile(join(folder, `services/s${index}.yaml`), index % 200 === 7 ? 'service: [' : text);
      }),
    );
    const words = ['status', '-c', 'services/*.yaml', '--json', '--endpoint-url', url];
    const { exitCode, stdout: printed, stderr, ms, peak } = await measured(words, folder);
    const document = JSON.parse(printed || '{}');
    if (document.services?.length !== count) throw new Error(`it ended with ${exitCode}: ${stderr}`);
    const failed = document.services.filter((/** @type {any} */ { verdict }) => verdict === 'failed').length;
    const statuses = tally(
      document.services.flatMap((/** @type {any} */ { checks = [] }) =>
        checks.map((/** @type {any} */ { status }) => status),
      ),
    );
    console.log(
      `  ${count} services in ${(ms / 1000).toFixed(1)} s, exit ${exitCode}: ${failed} could not be read; checks: ${statuses.map(([name, times]) => `${name} ${times}`).join(', ')}`,
    );
    const perCall = ((metricCalls - throttled) / series) * 5000;
    told(
      `${metricCalls - throttled} calls for ${series} series: ${perCall.toFixed(1)} per 5,000 (at most ${limits.callsPer5000}); ${throttled} throttled`,
      perCall <= limits.callsPer5000,
    );
    told(`peak of memory ${(peak / 1e6).toFixed(0)} MB (at most ${limits.memoryMb})`, peak / 1e6 <= limits.memoryMb);
  } finally {
    server.kill('SIGTERM');
    endpoint.closeAllConnections();
    endpoint.close();
    await rm(folder, { recursive: true, force: true });
  }
}

await weekly();
await fleet();
