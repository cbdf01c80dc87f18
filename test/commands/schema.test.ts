/** `config schema --of …` knows every document that the commands print. */
import { documentSchemas } from '../../src/config/json-schema.ts';
import { expect, test } from 'vitest';
import { survivalDocument } from '../../src/report/schemas.ts';
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
