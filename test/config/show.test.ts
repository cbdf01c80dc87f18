import { expect, test } from 'vitest';
import { loadConfigText } from '../../src/config/load.ts';
import { showConfigDocument } from '../../src/config/show.ts';
import { listDocument } from '../../src/report/schemas.ts';
import { fullExample } from './example.ts';

function shown(environment?: string) {
  const loaded = { ...loadConfigText(fullExample, 'nanoops.yaml', environment), file: '/srv/nanoops.yaml' };
  const document = showConfigDocument(loaded);
  const of = (id: string) => document.items.find((each) => each.id === id);
  return { loaded, document, of };
}

test('each value is shown as it would be written, with where it came from', () => {
  const { of } = shown('staging');
  expect(of('service')).toMatchObject({ value: 'nano-api', origin: 'nanoops.yaml:1' });
  expect(of('environment')).toMatchObject({ value: 'staging', origin: 'nanoops.yaml:4 (staging)' });
  expect(of('account')).toMatchObject({ value: '210987654321', origin: 'nanoops.yaml:5 (staging)' });
  expect(of('compute.maxTasks')).toMatchObject({ value: 3, origin: 'nanoops.yaml:6 (staging)' });
  expect(of('compute.cluster')).toMatchObject({ value: 'nano', origin: 'nanoops.yaml:17' });
  expect(of('objectives.rto')).toMatchObject({ value: '2h', origin: 'nanoops.yaml:8 (staging)' });
  expect(of('objectives.checks.api-availability.target')).toMatchObject({ value: '99.95%', origin: 'default' });
  expect(of('objectives.checks.api-latency-p95.target')).toMatchObject({ value: '1s', origin: 'default' });
  expect(of('objectives.checks.new-nanos.target')).toMatchObject({ value: 5, origin: 'default' });
  expect(of('drill.blackouts[0].from')).toMatchObject({ value: '2026-12-20', source: 'file' });
  expect(of('notify.statuspage.components')).toMatchObject({ value: [], origin: 'default' });
  expect(of('cache.replicationGroup')).toBeUndefined();
});

test('a secret is shown as its reference', () => {
  expect(shown().of('database.connection.password')?.value).toBe('${env:DB_PASSWORD}');
});

test('the list is a document, and each item has its origin in parts too', () => {
  const { document, of } = shown();
  expect(listDocument.safeParse(document).error).toBeUndefined();
  expect(of('objectives.rpo')).toEqual({
    id: 'objectives.rpo',
    value: '15m',
    origin: 'nanoops.yaml:32',
    source: 'file',
    line: 32,
    column: 24,
  });
  expect(of('objectives.checks.ecs-cpu.alert')).toEqual({
    id: 'objectives.checks.ecs-cpu.alert',
    value: '75%',
    origin: 'default',
    source: 'default',
  });
});

test('no value is without an origin', () => {
  const { loaded, document } = shown();
  expect(document.items.map(({ id }) => id).filter((id) => !loaded.origins.has(id))).toEqual([]);
});
