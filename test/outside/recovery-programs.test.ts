/** The programs in docs/recovery-programs.md do what the page says, with a mysql and a curl that say what they are told to. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/composition/system-clock.ts';
import { loadConfigText } from '../../src/config/load.ts';
import { openOutside } from '../../src/outside/open-outside.ts';
import { minimal } from '../config/example.ts';

const page = join(import.meta.dirname, '../../docs/recovery-programs.md');
const never = new AbortController().signal;
const target = { region: 'us-east-1', cluster: 'nano', endpoint: 'nano.cluster-abc.us-east-1.rds.amazonaws.com' };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-programs-'));
  for (const [, script = ''] of (await readFile(page, 'utf8')).matchAll(/```sh\n([^]*?)```/g)) {
    const name = /^# (\S+\.sh),/m.exec(script)?.[1];
    if (name !== undefined) await program(name, script);
  }
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function program(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), script);
  await chmod(join(folder, name), 0o755);
}

function opened() {
  const { config } = loadConfigText(
    minimal(
      'api: { loadBalancer: app/nano/1, writeProbe: { exec: [./write-and-read.sh] } }',
      'database: { cluster: nano, rpoProbe: { exec: [./heartbeat.sh] } }',
      'drill: { consistency: [{ exec: [./compare.sh, messages] }] }',
    ),
    'nanoops.yaml',
  );
  const env = { PATH: `${folder}:${process.env['PATH']}`, PROBE_TOKEN: 'a-token-of-ours' };
  return openOutside({ config, signal: never, clock: systemClock, env, cwd: folder, version: '1' }).outside;
}

describe('the heartbeat', () => {
  test('is the writer’s', async () => {
    await program(
      'mysql',
      '#!/bin/sh\n[ "$1" = "--host=nano.cluster-abc.us-east-1.rds.amazonaws.com" ] && echo 1700000000123',
    );
    expect(await opened().newestHeartbeat(target, never)).toMatchObject({ at: 1_700_000_000_123 });
  });

  test('is the reader’s where there is no writer yet', async () => {
    await program(
      'mysql',
      '#!/bin/sh\n[ "$1" = "--host=nano.cluster-ro-abc.us-east-1.rds.amazonaws.com" ] && echo 1700000000123 && exit\necho "ERROR 2005" >&2; exit 1',
    );
    expect(await opened().newestHeartbeat(target, never)).toMatchObject({ at: 1_700_000_000_123 });
  });

  test('is not there where nobody answers', async () => {
    await program('mysql', '#!/bin/sh\necho "ERROR 2003 (HY000)" >&2; exit 1');
    expect(await opened().newestHeartbeat(target, never)).toEqual({ detail: 'exit code 1: ERROR 2003 (HY000)' });
  });
});

describe('write and read', () => {
  /** Keeps what is posted, and refuses who has no token. */
  const api = (reading: string): string => `#!/bin/sh
grep -q 'Bearer a-token-of-ours' || { echo 'curl: (22) 401' >&2; exit 22; }
case "$*" in *a-token-of-ours*) echo 'the token can be seen' >&2; exit 1 ;; esac
while [ $# -gt 0 ]; do case "$1" in --data) echo "$2" > kept; exit ;; esac; shift; done
${reading}`;

  test('what comes back is what was written', async () => {
    await program('curl', api('cat kept'));
    expect(await opened().writeAndRead(never)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^wrote probe-\d+-\d+ and read it back$/),
    });
  });

  test('what comes back is something else', async () => {
    await program('curl', api('echo "{}"'));
    expect(await opened().writeAndRead(never)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^exit code 1: wrote probe-\d+-\d+ and could not read it back$/),
    });
  });

  test('nothing can be written', async () => {
    await program('curl', '#!/bin/sh\necho "curl: (22) The requested URL returned error: 503" >&2; exit 22');
    expect(await opened().writeAndRead(never)).toMatchObject({
      ok: false,
      detail: 'exit code 22: curl: (22) The requested URL returned error: 503',
    });
  });
});

describe('count and checksum', () => {
  const rows = (count: number): Promise<void> => program('mysql', `#!/bin/sh\nprintf '${count}\\t4711\\n'`);

  test('the same before and after', async () => {
    await rows(9);
    const before = await opened().consistency(0, target, undefined, never);
    expect(before).toMatchObject({ ok: true, detail: 'messages: 9 4711' });
    expect(await opened().consistency(0, target, before.output, never)).toMatchObject({ ok: true });
  });

  test('fewer afterwards', async () => {
    await rows(9);
    const before = await opened().consistency(0, target, undefined, never);
    await rows(8);
    expect(await opened().consistency(0, target, before.output, never)).toMatchObject({
      ok: false,
      detail: 'exit code 1: messages was: messages: 9 4711, is: 8 4711',
    });
  });

  test('nobody to ask', async () => {
    await program('mysql', '#!/bin/sh\necho "ERROR 2003" >&2; exit 1');
    expect(await opened().consistency(0, target, undefined, never)).toMatchObject({
      ok: false,
      detail: 'exit code 1: ERROR 2003',
    });
  });
});
