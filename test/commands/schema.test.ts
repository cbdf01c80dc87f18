/** `config schema --of …` knows every document that the commands print. */
import { writeFile } from 'node:fs/promises';
import { documentSchemas } from '../../src/config/json-schema.ts';
import { expect, test } from 'vitest';
import {
  completionDocument,
  helpDocument,
  runbookGraphDocument,
  sandboxDocument,
  survivalDocument,
  validDocument,
} from '../../src/report/schemas.ts';
import { errorOf, operator } from './operator.ts';

test.each([
  'run',
  'run-step',
  'report',
  'list',
  'error',
  'log-patterns',
  'slow-queries',
  'journal',
  'survival',
  'takeover',
  'notify-test',
  'notify-flush',
  'event',
  'state',
  'init',
  'runbook-graph',
  'valid',
  'sandbox',
  'completion',
  'help',
])('%s', async (name) => {
  const ana = await operator();
  const { exitCode, stdout } = await ana.type(`config schema --of ${name}`);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    $id: `urn:nanoops:schema:${name}:1`,
    properties: { schema: { const: `nanoops/${name}@1` } },
  });
});

test('the help of --of names them all', async () => {
  const ana = await operator();
  const { stdout } = await ana.type('config schema --help');
  const [, told = ''] = /the document: ([^(]*) \(default/u.exec(stdout.replaceAll(/\s+/g, ' ')) ?? [];
  expect(told.split(', ').toSorted()).toEqual([...Object.keys(documentSchemas), 'log-line'].toSorted());
});

test.each([
  ['runbook show region-failover', runbookGraphDocument, { id: 'region-failover' }],
  ['runbook export latency --format mermaid', runbookGraphDocument, { id: 'latency' }],
  ['sandbox serve slow-query --port 0 --timeout 1ms', sandboxDocument, { scenario: 'slow-query' }],
  ['completion zsh', completionDocument, { shell: 'zsh' }],
  ['help exit-codes', helpDocument, { topic: 'exit-codes' }],
  ['help dr drill', helpDocument, { topic: 'dr drill', text: expect.stringContaining('Usage: nanoops dr drill') }],
  ['help dr', helpDocument, { topic: 'dr', text: expect.stringContaining('Examples:') }],
  ['help', helpDocument, { topic: 'nanoops', text: expect.stringContaining('Start here:') }],
])('%s is the document that its schema describes', async (line, schema, expected) => {
  const ana = await operator();
  for (const format of ['json', 'ndjson']) {
    const { exitCode, stdout } = await ana.type(`${line} -o ${format}`);
    expect(exitCode).toBe(0);
    expect(schema.parse(JSON.parse(stdout))).toMatchObject(expected);
  }
});

test('a configuration in which nothing is wrong is a document', async () => {
  const ana = await operator();
  const file = `${ana.home}/nanoops.yaml`;
  await writeFile(file, 'service: a\nregions: { primary: us-west-2 }\n');
  const { stdout } = await ana.type(`config validate -c ${file} --json`);
  expect(validDocument.parse(JSON.parse(stdout))).toMatchObject({ environments: ['prod'] });
});

test.each([
  ['config schema', 'json', '{\n  "$schema"'],
  ['sandbox config', 'yaml', 'service: '],
  ['completion bash', 'bash', '#'],
  ['help exit-codes', 'text', 'Exit codes'],
  ['help status', 'text', 'Usage: nanoops status'],
])('%s as Markdown is a block of %s', async (line, language, beginning) => {
  const ana = await operator();
  const { exitCode, stdout } = await ana.type(`${line} -o markdown`);
  expect(exitCode).toBe(0);
  expect(stdout.startsWith(`\`\`\`${language}\n${beginning}`)).toBe(true);
  expect(stdout.endsWith('\n```\n')).toBe(true);
  expect(stdout.split('```')).toHaveLength(3);
});

test('a survival that is interrupted at its beginning is an error document', async () => {
  const ana = await operator();
  const ended = await ana.type('runbook test latency --crash-everywhere --scenario healthy --json', {
    signal: AbortSignal.abort(new Error('received SIGINT')),
  });
  expect(ended.exitCode).toBe(130);
  expect(errorOf(ended).code).toBe('Interrupted');
});

test('a survival is the document that its schema describes', async () => {
  const ana = await operator();
  const ended = await ana.type('runbook test latency --crash-everywhere --scenario healthy --json');
  expect(survivalDocument.parse(JSON.parse(ended.stdout))).toMatchObject({ runbook: 'latency' });
});
