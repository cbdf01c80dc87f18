/**
 * One appender at a time, for processes of one machine. Everybody who wants to append puts a file of a name of his own
 * into the folder and only then looks who else has one there: of two, at least one sees the other, so never do both go
 * on. Names tell the process; a file of a process that has ended counts for nothing and is removed, so a dead process
 * holds nobody up. Two machines that share the folder cannot tell whether the other's process lives: there the file
 * counts until a person removes it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { StateError } from '../engine/journal-store.ts';
import { fileMode, namesIn } from './private-files.ts';

const prefix = 'appending';
const unknown = 'unknown';
/** An append takes milliseconds, with a slow disk some hundred. */
const patience = { turns: 2_000, pauseMs: 5 };

/** A process, as far as another one can tell whether it has ended. */
interface Owner {
  /** The host and its table of processes: containers on one host have tables of their own. */
  readonly machine: string;
  /** Changes with every start of the machine. */
  readonly boot: string;
  readonly pid: number;
  /** When the process began, in the system's own count: a number is given to another process one day. */
  readonly started: string;
}

/**
 * Runs `work` while no other process of this machine does so in this folder, which must exist.
 *
 * @throws StateError `conflict` when somebody else does not end.
 */
export async function alone<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const me = thisProcess();
  const name = [prefix, me.machine, me.boot, me.pid, me.started, randomUUID().replaceAll('-', '')].join('_');
  const path = join(folder, name);
  try {
    await enter(folder, path, name, me);
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function enter(folder: string, path: string, name: string, me: Owner): Promise<void> {
  let marked = false;
  let others: readonly string[] = [];
  for (let turn = 0; turn < patience.turns; turn += 1) {
    others = await othersIn(folder, name, me);
    if (others.length === 0 && marked) return;
    if (others.length === 0) {
      await writeFile(path, `process ${me.pid} on ${hostname()}\n`, { flag: 'wx', mode: fileMode });
      marked = true;
      // Only who was to be seen before he looked may go on.
      continue;
    }
    // Of those who wait, the first by name keeps its place, so that one of them goes next.
    if (marked && others.some((other) => other < name)) {
      await rm(path);
      marked = false;
    }
    await setTimeout(patience.pauseMs);
  }
  const [other = ''] = others;
  throw new StateError(
    'conflict',
    `another process (${describe(other, me)}) is writing in ${folder} and does not end. Nothing was written.`,
    `wait for it; if it has ended, remove its mark: rm ${join(folder, other)}`,
  );
}

/** The marks of others that may still be alive. Removes those of the dead. */
async function othersIn(folder: string, own: string, me: Owner): Promise<readonly string[]> {
  const others: string[] = [];
  for (const name of await namesIn(folder)) {
    const owner = name === own ? undefined : ownerOf(name);
    if (owner === undefined) continue;
    if (hasEnded(owner, me)) await rm(join(folder, name), { force: true });
    else others.push(name);
  }
  return others;
}

function ownerOf(name: string): Owner | undefined {
  const [first, machine, boot, pid, started] = name.split('_');
  if (first !== prefix || machine === undefined || boot === undefined || started === undefined) return undefined;
  return { machine, boot, pid: Number(pid), started };
}

function describe(name: string, me: Owner): string {
  const owner = ownerOf(name);
  if (owner === undefined) return 'which has just ended';
  return owner.machine === me.machine ? `number ${owner.pid}` : `number ${owner.pid} of another machine`;
}

/** True only where it is certain. */
function hasEnded(owner: Owner, me: Owner): boolean {
  if (owner.machine !== me.machine) return false;
  if (owner.boot !== unknown && me.boot !== unknown && owner.boot !== me.boot) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
  const started = startOf(String(owner.pid));
  return started !== unknown && owner.started !== unknown && started !== owner.started;
}

function thisProcess(): Owner {
  return {
    machine: short(`${hostname()}\n${told(() => readlinkSync('/proc/self/ns/pid'))}`),
    boot: short(told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))),
    pid: process.pid,
    started: startOf('self'),
  };
}

/** The 22nd field of `/proc/<pid>/stat` (proc_pid_stat(5)), where there is one; names with spaces stand in brackets. */
function startOf(pid: string): string {
  const stat = told(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return (
    stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .at(19) ?? unknown
  );
}

/** What only Linux tells; elsewhere less is known, and less is taken for certain. */
function told(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return unknown;
  }
}

function short(text: string): string {
  return text === unknown ? unknown : createHash('sha256').update(text).digest('hex').slice(0, 12);
}
