/** Who holds a lease, and whether that process is still there. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { holderOf, isGone, userName } from '../../src/composition/identity.ts';
import type { Io } from '../../src/composition/io.ts';
import type { Holder } from '../../src/engine/lease-store.ts';

function io(env: Record<string, string | undefined>): Io {
  const output = { write: () => undefined };
  return { stdout: output, stderr: output, env, cwd: '/', signal: new AbortController().signal };
}

function holder(more: Partial<Holder> = {}): Holder {
  return { runId: 'r', runbook: 'latency', environment: 'prod', since: 0, ...holderOf(io({ USER: 'ana' })), ...more };
}

/** The number of a process that has ended. */
function deadPid(): number {
  return Number(
    execFileSync(process.execPath, ['-e', 'process.stdout.write(String(process.pid))'], { encoding: 'utf8' }),
  );
}

describe('isGone', () => {
  const tells = holder().host.includes('/');

  test('never this process', () => expect(isGone(holder())).toBe(false));

  test('a process of this machine that has ended', () => expect(isGone(holder({ pid: deadPid() }))).toBe(tells));

  test('not a process of this machine that lives', async () => {
    const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(other, 'spawn');
    expect(isGone(holder({ pid: other.pid ?? 0 }))).toBe(false);
    other.stdin.end();
    await once(other, 'exit');
    expect(isGone(holder({ pid: other.pid ?? 0 }))).toBe(tells);
  });

  test('never a process of another machine, or of another start of this one', () => {
    const pid = deadPid();
    expect(isGone(holder({ pid, host: 'elsewhere' }))).toBe(false);
    expect(isGone(holder({ pid, host: `${holder().host}0` }))).toBe(false);
    expect(isGone(holder({ pid, host: holder().host.split('/')[0] ?? '' }))).toBe(false);
  });

  test.each([0, -1, Number.NaN, 2 ** 40])('never where %s is given as the process', (pid) => {
    expect(isGone(holder({ pid }))).toBe(false);
  });
});

describe('the holder\u2019s name', () => {
  test('is that of the user, at this machine', () => expect(holder().who).toMatch(/^ana@./));

  test('is the system\u2019s where no variable tells', () => {
    expect(userName(io({}))).not.toBe('');
    expect(userName(io({ USER: '', LOGNAME: 'bob' }))).toBe('bob');
  });

  test('holds nothing that moves a cursor or forges a line', () => {
    const name = userName(io({ USER: 'ana\u001B[2J\n\u0007\u202Eevil' }));
    expect(name).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(name).toContain('ana');
  });
});
