/**
 * The operator's programs, as real processes: what they are told, what is made of what they print, and that nothing of
 * them is left when their time is up.
 */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProgramTarget } from '../../src/cloud/outside.ts';
import { systemClock } from '../../src/composition/system-clock.ts';
import { loadConfigText } from '../../src/config/load.ts';
import { openOutside, type OutsideOptions } from '../../src/outside/open-outside.ts';
import { scaledClock } from '../../src/sandbox/scaled-clock.ts';
import { minimal } from '../config/example.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-outside-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const never = new AbortController().signal;
const target: ProgramTarget = {
  region: 'us-east-1',
  cluster: 'nano-db-dr',
  endpoint: 'nano-db-dr.cluster-abc.us-east-1.rds.amazonaws.com',
};

type More = Partial<Omit<OutsideOptions, 'config'>>;

/** A program of that text in the folder, and nanoops with it in every place that takes one. */
async function withScript(text: string, more: More = {}) {
  const name = `script-${Math.random().toString(36).slice(2)}.mjs`;
  await writeFile(join(folder, name), text);
  return withCommand([process.execPath, name], more);
}

function withCommand(exec: readonly string[], more: More = {}) {
  const command = JSON.stringify({ exec });
  const { config } = loadConfigText(
    minimal(
      `api: { loadBalancer: app/nano/1, writeProbe: ${command} }`,
      `database: { cluster: nano-db, rpoProbe: ${command}, connection: { host: db, user: ops, password: "\${env:PIN}" } }`,
      `cache: { replicationGroup: nano-cache, warm: ${command} }`,
      `drill: { consistency: [${command}], injectOutage: ${command}, endOutage: ${command} }`,
    ),
    'nanoops.yaml',
  );
  const env = { PATH: process.env['PATH'] };
  return openOutside({ config, signal: never, clock: systemClock, env, cwd: folder, version: '9.8.7', ...more });
}

/** Starts in no time, which matters where a test has a limit. */
async function withShellScript(text: string, more: More = {}) {
  const name = `script-${Math.random().toString(36).slice(2)}.sh`;
  await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`);
  await chmod(join(folder, name), 0o755);
  return withCommand([`./${name}`], more);
}

/** The processes that sleep for as long as nothing else on this machine. */
async function sleepers(duration: string): Promise<readonly string[]> {
  const { stdout } = await execa('ps', ['-eo', 'pid,stat,args']);
  return stdout.split('\n').filter((line) => /^ *\d+ [^Z]\S* +sleep /.test(line) && line.endsWith(` ${duration}`));
}

/** In seconds: a number that says whose it is. */
function uniqueDuration(): string {
  return `30.${process.pid}${Math.random().toString().slice(2, 8)}`;
}

const patiently = { timeout: 10_000 };

describe('what a program comes to', () => {
  test('exit code 0 is well: its last line is told, all of it kept', async () => {
    const { outside } = await withScript(`console.log('wrote id 7'); console.log('read id 7 back\\n\\n');`);
    expect(await outside.writeAndRead(never)).toEqual({
      ok: true,
      detail: 'read id 7 back',
      output: 'wrote id 7\nread id 7 back\n\n\n',
    });
  });

  test('nothing printed is no fault', async () => {
    const { outside } = await withScript('');
    expect(await outside.writeAndRead(never)).toEqual({ ok: true, detail: 'exit code 0', output: '' });
  });

  test('any other exit code is told with the last line of stderr', async () => {
    const { outside } = await withScript(
      `console.log('12 rows'); console.error('connecting'); console.error('ERROR 2003: cannot connect'); process.exitCode = 3;`,
    );
    expect(await outside.writeAndRead(never)).toEqual({
      ok: false,
      detail: 'exit code 3: ERROR 2003: cannot connect',
      output: '12 rows\n',
    });
  });

  test('a signal is told', async () => {
    const { outside } = await withScript(`process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 5000);`);
    expect(await outside.writeAndRead(never)).toMatchObject({ ok: false, detail: 'ended by SIGKILL' });
  });

  test('colours, controls and long lines do not reach a report', async () => {
    const { outside } = await withScript(
      String.raw`console.log('\u001b[31mred\u001b[0m\u0007 \u202eevil\u0000 ' + 'x'.repeat(300))`,
    );
    const { detail } = await outside.writeAndRead(never);
    expect(detail).toBe(`red evil ${'x'.repeat(190)}…`);
    expect(Array.from(detail)).toHaveLength(200);
  });

  test('a flood is cut to 64 KiB, and its last line is told all the same', async () => {
    const { outside } = await withScript(
      `const line = 'y'.repeat(99) + '\\n'; for (let i = 0; i < 30_000; i += 1) process.stdout.write(line);
       process.stderr.write(line.repeat(30_000)); process.stdout.write('the end');`,
    );
    const { ok, detail, output } = await outside.writeAndRead(never);
    expect({ ok, detail, bytes: Buffer.byteLength(output) }).toEqual({ ok: true, detail: 'the end', bytes: 65_536 });
  });

  test('a cut goes through no character, and what is no text takes no more room', async () => {
    const text = await withScript(`process.stdout.write('€'.repeat(40_000))`);
    expect((await text.outside.writeAndRead(never)).output).toBe('€'.repeat(21_845));
    const bytes = await withScript(`process.stdout.write(Buffer.alloc(100_000, 0xff))`);
    expect((await bytes.outside.writeAndRead(never)).output).toBe('\ufffd'.repeat(21_845));
  });

  test('a line without an end is not shown from its middle', async () => {
    const { outside } = await withScript(`process.stdout.write('z'.repeat(100_000))`);
    expect((await outside.writeAndRead(never)).detail).toBe('(a line of more than 16 KiB)');
  });
});

describe('a program that cannot be started', () => {
  test('is not found beside the configuration', async () => {
    const { outside } = withCommand(['./heartbeat.sh', '--newest']);
    expect(await outside.writeAndRead(never)).toEqual({
      ok: false,
      detail: "./heartbeat.sh: not found; paths are relative to nanoops.yaml's folder",
      output: '',
    });
  });

  test('is not found in PATH', async () => {
    const { outside } = withCommand(['nanoops-has-no-such-program']);
    expect((await outside.writeAndRead(never)).detail).toBe('nanoops-has-no-such-program: not found in PATH');
  });

  test('is not executable', async () => {
    await writeFile(join(folder, 'plain.sh'), '#!/bin/sh\n');
    expect((await withCommand(['./plain.sh']).outside.writeAndRead(never)).detail).toBe(
      './plain.sh: not executable: chmod +x',
    );
  });

  test('names an interpreter that is not there', async () => {
    await writeFile(join(folder, 'lost.sh'), '#!/opt/nowhere/bash\n');
    await chmod(join(folder, 'lost.sh'), 0o755);
    expect((await withCommand(['./lost.sh']).outside.writeAndRead(never)).detail).toBe(
      './lost.sh: could not be started; what its first line (#!) names is not there',
    );
  });

  test.each([
    ['api.writeProbe', ({ outside }: ReturnType<typeof openOutside>) => outside.writeAndRead(never)],
    ['database.rpoProbe', ({ outside }: ReturnType<typeof openOutside>) => outside.newestHeartbeat(target, never)],
    [
      'drill.consistency[2]',
      ({ outside }: ReturnType<typeof openOutside>) => outside.consistency(2, target, '', never),
    ],
    ['drill.injectOutage', ({ hooks }: ReturnType<typeof openOutside>) => hooks.run('inject-outage', target)],
    ['drill.endOutage', ({ hooks }: ReturnType<typeof openOutside>) => hooks.run('end-outage', target)],
    ['cache.warm', ({ hooks }: ReturnType<typeof openOutside>) => hooks.run('warm-cache', target)],
    ['api.probeUrl', ({ outside }: ReturnType<typeof openOutside>) => outside.probe(never)],
  ])('is not configured: %s', async (name, ask) => {
    const { config } = loadConfigText(minimal(), 'nanoops.yaml');
    const opened = openOutside({ config, signal: never, clock: systemClock, env: {}, cwd: folder, version: '1' });
    expect(await ask(opened)).toMatchObject({ detail: `${name} is not configured` });
  });
});

describe('what a program is told', () => {
  const tell = `import { readFileSync } from 'node:fs';
    const told = Object.entries(process.env).filter(([name]) => name.startsWith('NANOOPS_') || name === 'MINE');
    console.log(JSON.stringify({ ...Object.fromEntries(told), cwd: process.cwd(), input: readFileSync(0, 'utf8') }));`;
  const stale = { NANOOPS_REGION: 'old', NANOOPS_BEFORE: 'old', NANOOPS_DATABASE_ENDPOINT: 'old', MINE: 'inherited' };

  test('where to look, in the folder of the configuration, with no input', async () => {
    const { hooks } = await withScript(tell, { env: { ...stale } });
    expect(JSON.parse((await hooks.run('warm-cache', target)).output)).toEqual({
      NANOOPS_REGION: 'us-east-1',
      NANOOPS_DATABASE_CLUSTER: 'nano-db-dr',
      NANOOPS_DATABASE_ENDPOINT: 'nano-db-dr.cluster-abc.us-east-1.rds.amazonaws.com',
      MINE: 'inherited',
      cwd: folder,
      input: '',
    });
  });

  test('nothing of an earlier program where it is not told', async () => {
    const { outside } = await withScript(tell, { env: { ...stale } });
    expect(JSON.parse((await outside.writeAndRead(never)).output)).toEqual({
      MINE: 'inherited',
      cwd: folder,
      input: '',
    });
    expect(JSON.parse((await outside.consistency(0, { region: 'a' }, undefined, never)).output)).toEqual({
      NANOOPS_REGION: 'a',
      MINE: 'inherited',
      cwd: folder,
      input: '',
    });
  });

  test('what it printed before traffic moved, as a shell would compare it', async () => {
    await writeFile(join(folder, 'same.sh'), '#!/bin/sh\n[ "$(printf "7 rows\\nsum 9\\n")" = "$NANOOPS_BEFORE" ]\n');
    await chmod(join(folder, 'same.sh'), 0o755);
    const { outside } = withCommand(['./same.sh']);
    expect(await outside.consistency(0, target, '7 rows\nsum 9\n', never)).toMatchObject({ ok: true });
    expect(await outside.consistency(0, target, '8 rows\nsum 9\n', never)).toMatchObject({
      ok: false,
      detail: 'exit code 1',
    });
  });

  test('all that a flood or garbage was before', async () => {
    const print = `if (process.env.NANOOPS_BEFORE === undefined) process.stdout.write(Buffer.alloc(200_000, Number(process.argv[2])));
      else console.log(process.env.NANOOPS_BEFORE.length);`;
    await writeFile(join(folder, 'again.mjs'), print);
    for (const [byte, length] of [
      [0x61, 65_536],
      [0xff, 21_845],
      [0, 0],
    ]) {
      const { outside } = withCommand([process.execPath, 'again.mjs', String(byte)]);
      const { output } = await outside.consistency(0, target, undefined, never);
      expect(await outside.consistency(0, target, output, never)).toMatchObject({ ok: true, detail: String(length) });
    }
  });

  test('its words as they are: no shell reads them', async () => {
    const words = ['$HOME', '`id`', '*', 'a b', '"', "'; exit 3"];
    const { outside } = withCommand([process.execPath, '-p', 'JSON.stringify(process.argv.slice(1))', ...words]);
    expect(JSON.parse((await outside.writeAndRead(never)).output)).toEqual(words);
  });
});

describe('secrets of the environment', () => {
  const env = {
    PATH: process.env['PATH'],
    PIN: 'hunter-2-pw',
    AWS_SECRET_ACCESS_KEY: 'AWSSECRETVALUE+/0123',
    AWS_SESSION_TOKEN: 'SESSIONTOKENVALUE',
    MYSQL_PWD: 'mysql-pw',
    DEPLOY_KEY: '-----BEGIN KEY-----\nmiddle-of-the-key\n-----END KEY-----',
    DATABASE_URL: 'mysql://ops:url-password@db/nano',
    REGION_NAME: 'us-east-1',
  };
  const secrets = [
    'hunter-2-pw',
    'AWSSECRETVALUE',
    'SESSIONTOKENVALUE',
    'mysql-pw',
    'middle-of-the-key',
    'url-password',
  ];

  test('do not stay in what is told and kept', async () => {
    const dump = `for (const [name, value] of Object.entries(process.env)) console.log(name + '=' + value);
      console.log(Object.values(process.env).map((value) => value.split('\\n')[1] ?? value).reverse().join(' '));`;
    const { outside } = await withScript(dump, { env });
    const { detail, output } = await outside.writeAndRead(never);
    for (const secret of secrets) expect(detail + output).not.toContain(secret);
    expect(output).toContain('REGION_NAME=us-east-1');
    expect(output).toContain('PIN=***');
  });

  test('nor in complaints, nor where a heartbeat should be', async () => {
    const { outside } = await withScript(
      `console.error('access denied with ' + process.env.PIN); process.exitCode = 1`,
      {
        env,
      },
    );
    expect((await outside.newestHeartbeat(target, never)).detail).toBe('exit code 1: access denied with ***');
    const printing = await withScript(`console.log(process.env.PIN)`, { env });
    expect((await printing.outside.newestHeartbeat(target, never)).detail).toBe(
      'it printed "***", which is no epoch milliseconds',
    );
  });

  test('nor a half of one that the cut goes through', async () => {
    const { outside } = await withScript(`process.stdout.write('x'.repeat(65_530) + process.env.PIN + '\\nend')`, {
      env,
    });
    const { output } = await outside.writeAndRead(never);
    expect(output.slice(65_528)).toBe('xx***\nen');
  });
});

describe('a heartbeat', () => {
  const nowMs = 1_790_000_000_000;
  const clock = { ...systemClock, now: () => nowMs };

  async function printed(text: string) {
    await writeFile(join(folder, 'printed.txt'), text);
    const { outside } = withCommand(['cat', 'printed.txt'], { clock });
    return outside.newestHeartbeat(target, never);
  }

  test.each([
    ['1789999996500\n', 1_789_999_996_500],
    ['MAX(at)\n1789999996500\n', 1_789_999_996_500],
    ['  1789999996500.750  \r\n\n', 1_789_999_996_500],
    ['1000000000000', 1_000_000_000_000],
    ['1790000060000', 1_790_000_060_000],
  ])('%j is one', async (text, at) => {
    expect(await printed(text)).toEqual({ at, detail: `newest heartbeat ${new Date(at).toISOString()}` });
  });

  test.each([
    ['', 'it printed nothing; it must print epoch milliseconds'],
    ['NULL\n', 'it printed NULL: there is no heartbeat'],
    ['1789999996', 'it printed 1789999996: seconds? it must be milliseconds'],
    ['1789999996500123', 'it printed 1789999996500123: microseconds? it must be milliseconds'],
    ['-1789999996500', 'it printed "-1789999996500", which is no epoch milliseconds'],
    ['2026-11-23 11:03:00', 'it printed "2026-11-23 11:03:00", which is no epoch milliseconds'],
    ['1789999996500\nWarning: slow', 'it printed "Warning: slow", which is no epoch milliseconds'],
    ['1790000061000', "it printed 1790000061000, which is 61 s ahead of this machine's clock"],
  ])('%j is none', async (text, detail) => {
    expect(await printed(text)).toEqual({ detail });
  });

  test('is none where the program fails, whatever it printed', async () => {
    const { outside } = await withScript(`console.log(${nowMs}); process.exitCode = 1`, { clock });
    expect(await outside.newestHeartbeat(target, never)).toEqual({ detail: 'exit code 1' });
  });
});

describe('a program that does not end', () => {
  /** Starts a child that starts another, all of them deaf to SIGTERM: who ignores a signal hands that on. */
  const stubborn = (duration: string): string =>
    `trap '' TERM; sh -c 'sleep ${duration} & sleep ${duration}' & sleep ${duration} & echo started; wait; wait`;

  test('is stopped when its time is up, with all that it started', async () => {
    const duration = uniqueDuration();
    const { outside } = await withShellScript(stubborn(duration), { limits: { programMs: 1_000, graceMs: 100 } });
    // They have been started when it says so.
    expect(await outside.writeAndRead(never)).toEqual({
      ok: false,
      detail: 'it had not ended after 1 s and was stopped',
      output: 'started\n',
    });
    expect(await sleepers(duration)).toEqual([]);
  });

  test('is asked first, and may end by itself', async () => {
    const { outside } = await withShellScript(
      `exec 2>&-; trap 'echo cleaned up; exit 0' TERM; echo up; while :; do sleep 0.05; done`,
      { limits: { programMs: 500 } },
    );
    expect(await outside.writeAndRead(never)).toEqual({
      ok: false,
      detail: 'it had not ended after 0.5 s and was stopped',
      output: 'up\ncleaned up\n',
    });
  });

  test.each(['session', 'question'])('is gone once the run is told to end: %s', async (which) => {
    const duration = uniqueDuration();
    const controller = new AbortController();
    const session = which === 'session' ? controller.signal : never;
    const { outside, hooks } = await withShellScript(stubborn(duration), { signal: session, limits: { graceMs: 100 } });
    const running =
      which === 'session'
        ? hooks.run('inject-outage', target)
        : outside.consistency(0, target, undefined, controller.signal);
    const reason = running.catch((error: unknown) => error);
    await expect.poll(() => sleepers(duration), patiently).toHaveLength(3);
    controller.abort('the reason');
    expect(await reason).toBe('the reason');
    expect(await sleepers(duration)).toEqual([]);
  });

  test('is gone when nanoops is, and nobody listens for that afterwards', async () => {
    const duration = uniqueDuration();
    const before = process.listeners('exit');
    const { hooks } = await withShellScript(stubborn(duration));
    const running = hooks.run('warm-cache', target);
    await expect.poll(() => sleepers(duration), patiently).toHaveLength(3);
    for (const listener of process.listeners('exit')) if (!before.includes(listener)) listener(0);
    expect(await running).toMatchObject({ ok: false, detail: 'ended by SIGKILL' });
    await expect.poll(() => sleepers(duration), patiently).toEqual([]);
    expect(process.listeners('exit')).toEqual(before);
  });

  test('is one of many without a warning', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): number => warnings.push(warning.message);
    process.on('warning', listen);
    const { outside } = withCommand(['true']);
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => outside.writeAndRead(new AbortController().signal)),
    );
    expect(answers.map(({ ok }) => ok)).toEqual(Array(12).fill(true));
    const signal = new AbortController().signal;
    await Promise.all(Array.from({ length: 12 }, () => outside.writeAndRead(signal)));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  test('is not started once the run was told to end', async () => {
    const { hooks } = await withScript(`import { writeFileSync } from 'node:fs'; writeFileSync('was-started', '')`, {
      signal: AbortSignal.abort('the reason'),
    });
    await expect(hooks.run('inject-outage', target)).rejects.toBe('the reason');
    await expect(readFile(join(folder, 'was-started'))).rejects.toThrow('ENOENT');
  });

  test('has as long as its kind may take, in real time', async () => {
    const slept: number[] = [];
    const clock = {
      ...scaledClock(0, 10, () => Date.now()),
      sleep: (ms: number, signal?: AbortSignal) => (slept.push(ms), systemClock.sleep(ms, signal)),
    };
    const { outside, hooks } = withCommand(['true'], { clock });
    await outside.newestHeartbeat(target, never);
    await outside.writeAndRead(never);
    await outside.consistency(0, target, undefined, never);
    for (const hook of ['inject-outage', 'end-outage', 'warm-cache'] as const) await hooks.run(hook, target);
    const limits = slept.filter((ms) => ms > 10_000);
    expect(limits).toEqual([300_000, 300_000, 3_000_000, 6_000_000, 6_000_000, 6_000_000]);
  });

  test('is not waited for where it is left running in the background', async () => {
    const duration = uniqueDuration();
    const { hooks } = await withShellScript(`sleep ${duration} & echo the outage has begun`);
    expect(await hooks.run('inject-outage', target)).toMatchObject({ ok: true, detail: 'the outage has begun' });
    const left = await sleepers(duration);
    expect(left).toHaveLength(1);
    process.kill(Number.parseInt(left.join(), 10), 'SIGKILL');
  });
});
