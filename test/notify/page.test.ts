/** What docs/notifications.md tells receivers to run accepts what nanoops sends, and nothing else. */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signatureHeaders, signingKeyOf } from '../../src/notify/signature.ts';

const page = await readFile(resolve(import.meta.dirname, '../../docs/notifications.md'), 'utf8');
const secret = `whsec_${Buffer.from('a key of twenty-four byt').toString('base64')}`;
const body = '{"title":"p99 is 4.2 s \u2013 high"}';
const nowSeconds = 1_795_000_000;
const headers = signatureHeaders(signingKeyOf(secret), 'run/high', nowSeconds * 1_000, body);

const cases = [
  { genuine: true, headers, body, nowSeconds: nowSeconds + 299 },
  {
    genuine: true,
    headers: { ...headers, 'webhook-signature': `v1a,other v1,AAAA ${headers['webhook-signature']}` },
    body,
    nowSeconds,
  },
  { genuine: false, headers, body, nowSeconds: nowSeconds + 301 },
  { genuine: false, headers, body: `${body} `, nowSeconds },
  { genuine: false, headers: { ...headers, 'webhook-id': 'run/other' }, body, nowSeconds },
  { genuine: false, headers: { ...headers, 'webhook-timestamp': String(nowSeconds + 1) }, body, nowSeconds },
  { genuine: false, headers: {}, body, nowSeconds },
];
const truth = cases.map(({ genuine }) => genuine);

function example(language: string): string {
  const code = page.split(`\`\`\`${language}\n`)[1]?.split('```')[0];
  if (code === undefined) throw new Error(`the page has no example in ${language}`);
  return code;
}

function run(command: string, args: readonly string[]): unknown {
  const { stdout, stderr, status } = spawnSync(command, args, {
    input: JSON.stringify({ secret, cases }),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0;

describe('the examples that check a signature', () => {
  it('in Node.js', () => {
    const rest = `
      import { readFileSync } from 'node:fs';
      const { secret, cases } = JSON.parse(readFileSync(0, 'utf8'));
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      const found = cases.map(({ headers, body, nowSeconds }) => isGenuine(headers, Buffer.from(body), key, nowSeconds));
      process.stdout.write(JSON.stringify(found));`;
    expect(run(process.execPath, ['--input-type=module', '--eval', example('js') + rest])).toEqual(truth);
  });

  it.runIf(hasPython)('in Python', () => {
    const rest = [
      'import json, sys',
      'given = json.load(sys.stdin)',
      'key = base64.b64decode(given["secret"].removeprefix("whsec_"))',
      'found = [is_genuine(c["headers"], c["body"].encode(), key, c["nowSeconds"]) for c in given["cases"]]',
      'print(json.dumps(found))',
    ].join('\n');
    expect(run('python3', ['-c', example('python') + rest])).toEqual(truth);
  });
});
