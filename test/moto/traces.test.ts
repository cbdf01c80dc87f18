/** Traces against moto, which keeps segments and gives them back by id, but neither searches nor counts them. */
import { PutTraceSegmentsCommand, XRayClient } from '@aws-sdk/client-xray';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runMain } from '../support/run-main.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { credentials, region } from './stack.ts';

describe.skipIf(motoIsAbsent())('traces against moto', () => {
  let moto: MotoServer;
  let words: readonly string[];
  const at = Math.floor(Date.now() / 1_000) - 120;
  const id = `1-${at.toString(16)}-0123456789abcdef01234567`;

  beforeAll(async () => {
    moto = await startMoto();
    const xray = new XRayClient({ region, credentials, endpoint: moto.url });
    const part = {
      id: '2222222222222222',
      name: 'nano@nano-db',
      namespace: 'remote',
      start_time: at + 0.1,
      end_time: at + 0.9,
    };
    const segment = {
      id: '1111111111111111',
      trace_id: id,
      name: 'nano-api',
      start_time: at,
      end_time: at + 1,
      http: { request: { method: 'GET', url: 'https://api.example/nanos' }, response: { status: 200 } },
      subsegments: [{ ...part, sql: { sanitized_query: 'SELECT 1' } }],
    };
    await xray.send(new PutTraceSegmentsCommand({ TraceSegmentDocuments: [JSON.stringify(segment)] }));
    xray.destroy();
    const folder = await mkdtemp(join(tmpdir(), 'nanoops-traces-'));
    const file = join(folder, 'nanoops.yaml');
    await writeFile(
      file,
      `service: nano-api\nregions: { primary: ${region} }\ndatabase: { cluster: nano-db }\ntracing: { service: nano-api }\n`,
    );
    words = ['-c', file, '--endpoint-url', moto.url, '--json'];
  }, 180_000);

  afterAll(() => moto?.close());

  async function typed(...command: readonly string[]) {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'x');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x');
    const { exitCode, stdout } = await runMain(['trace', ...command, ...words]);
    return { exitCode, document: JSON.parse(stdout) };
  }

  it('shows one by its id', async () => {
    const { exitCode, document } = await typed('show', id);
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ id, method: 'GET', status: 200, durationMs: 1_000 });
    expect(
      document.components.map(({ name, selfMs }: { name: string; selfMs: number }) => [name, Math.round(selfMs)]),
    ).toEqual([
      ['nano-db', 800],
      ['nano-api', 200],
    ]);
  });

  it('says of an empty map, and of what moto does not answer, that nobody can tell', async () => {
    for (const command of ['map', 'list']) {
      const { exitCode, document } = await typed(command);
      expect([command, exitCode]).toEqual([command, 3]);
      expect(document).toMatchObject({ verdict: 'unknown' });
      expect(document.summary).toMatch(/^Could not tell: /);
    }
  });
});
