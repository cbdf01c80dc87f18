/**
 * What the benchmarks share: an environment without an account, the simulated AWS as a process of its own, an endpoint in front
 * of it that takes as long as AWS does, and how long and how much memory a process takes.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';

import { execa } from 'execa';

export const bin = join(dirname(dirname(import.meta.dirname)), 'bin/nanoops.js');

const { NODE_EXTRA_CA_CERTS: _certificates, AWS_CA_BUNDLE: _bundle, CI: _ci, ...inherited } = process.env;
export const env = {
  ...inherited,
  AWS_ACCESS_KEY_ID: 'sandbox',
  AWS_SECRET_ACCESS_KEY: 'sandbox',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
};

/** @param {readonly number[]} numbers */
export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/**
 * @param {string} file
 * @param {readonly string[]} args
 * @param {string} cwd
 */
export async function timed(file, args, cwd) {
  const began = performance.now();
  const ended = await execa(file, args, { cwd, env, extendEnv: false, reject: false });
  const { exitCode, stdout, stderr } = ended;
  return { ms: performance.now() - began, exitCode, stdout, stderr };
}

/** Starts `sandbox serve` and waits until it tells its address. */
export async function serve(scenario = 'slow-query') {
  const words = ['sandbox', 'serve', scenario, '--port', '0', '--latency', '0s', '-o', 'ndjson'];
  const server = spawn(process.execPath, [bin, ...words], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise((resolve, reject) => {
    server.stdout.once('data', (data) => resolve(String(data)));
    server.once('exit', () => reject(new Error('the sandbox did not start')));
  });
  return { server, url: JSON.parse(line).url };
}

/** @typedef {{ status: number, headers: [string, string][], body: Buffer }} Answer */

/** The region that a request was signed for. */
function regionOf(/** @type {import('node:http').IncomingMessage} */ { headers }) {
  return /Credential=[^/]*\/\d+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
}

/** By its target, its form, or its path. */
function operationOf(
  /** @type {import('node:http').IncomingMessage} */ { headers, url = '' },
  /** @type {Buffer} */ body,
) {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? target;
  return /(?:^|&)Action=(\w+)/.exec(body.toString('latin1', 0, 2000))?.[1] ?? url.split('?')[0] ?? url;
}

/**
 * The endpoint that takes so long a call: what the simulated AWS answered to a request before, it answers again without
 * computing, so that what is measured is nanoops and not the simulation.
 *
 * @param {string} behind
 * @param {number} callMs
 * @param {{
 *   rewrite?: (text: string) => string,
 *   answers?: (request: import('node:http').IncomingMessage, body: Buffer) => Answer | undefined,
 * }} [how] `rewrite`: what is asked behind it instead; `answers`: what it answers itself
 */
export async function rememberingEndpoint(behind, callMs, { rewrite = (text) => text, answers } = {}) {
  /** @type {Map<string, Promise<Answer>>} */
  const known = new Map();
  /** @type {{ region: string, operation: string }[]} */
  const asked = [];
  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  const answerTo = async (request, response) => {
    // Nobody signs it: what time it is in a simulation that is served here is no question of AWS's.
    const isCall = request.headers.authorization !== undefined;
    const due = performance.now() + (isCall ? callMs : 0);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (isCall) asked.push({ region: regionOf(request), operation: operationOf(request, body) });
    const url = rewrite(request.url ?? '/');
    const own = answers?.(request, body);
    const sent = own === undefined ? Buffer.from(rewrite(body.toString('latin1')), 'latin1') : body;
    const key = [request.method, url, request.headers['x-amz-target'], sent.toString('base64')].join('\n');
    let answer = own ?? known.get(key);
    if (answer === undefined) {
      answer = ask(`${behind}${url}`, request, sent);
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
  return { endpoint, asked, url: `http://127.0.0.1:${address.port}` };
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

/**
 * Runs a process to its end and tells its exit code, what it printed, how long it took, what it took of the processor and its peak
 * of memory, in bytes. It says both itself, at its end, the peak as VmHWM, since the peak that getrusage tells
 * begins with that of the process that started it (proc(5), getrusage(2)).
 *
 * @param {readonly string[]} words
 * @param {string} cwd
 * @param {Record<string, string>} [variables] beside those that every process has
 */
export async function measured(words, cwd, variables = {}) {
  const preload = join(cwd, 'peak.cjs');
  writeFileSync(
    preload,
    `process.on('exit', () => {
      const fs = require('fs');
      const { user, system } = process.cpuUsage();
      const [, peak] = /VmHWM:\\s*(\\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'));
      fs.writeSync(3, peak + ' ' + (user + system) / 1000);
    });`,
  );
  const began = performance.now();
  const ended = await execa(process.execPath, ['--require', preload, bin, ...words], {
    cwd,
    env: { ...env, ...variables },
    extendEnv: false,
    reject: false,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    maxBuffer: 1e9,
  });
  const { exitCode, stdout, stderr } = ended;
  const [peakKb, cpuMs] = ended.stdio[3].split(' ').map(Number);
  return {
    exitCode,
    stdout,
    stderr,
    ms: performance.now() - began,
    cpuMs: cpuMs ?? Number.NaN,
    peak: (peakKb ?? Number.NaN) * 1024,
  };
}
