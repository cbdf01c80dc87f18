/** Who runs nanoops, where, as which process; and whether another process is still there. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { Holder } from '../engine/lease-store.ts';
import type { Io } from './io.ts';

export { sha256 } from '../use-cases/sha256.ts';

/**
 * The machine and the namespace that a process number counts in: machines and containers may share a name, and a
 * process number says nothing beyond its own. Linux tells; elsewhere the host's name has to do.
 */
function hostId(): string {
  const parts = [hostname()];
  try {
    parts.push(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8));
    parts.push(readlinkSync('/proc/self/ns/pid').replace(/\D/g, ''));
  } catch {
    // Not Linux, or no /proc.
  }
  return parts.join('/');
}

export function holderOf(io: Io): Pick<Holder, 'who' | 'host' | 'pid'> {
  return { who: `${userName(io)}@${hostname()}`, host: hostId(), pid: process.pid };
}

export function userName(io: Io): string {
  for (const variable of ['USER', 'LOGNAME', 'USERNAME']) {
    // Others read it, in journals and on screens: nothing in it may move a cursor or turn the line around.
    const named = (io.env[variable] ?? '').replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim();
    if (named !== '') return named;
  }
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // A user id without a name: in containers.
  }
}

/** True of a holder that was a process of this very machine, and has ended. */
export function isGone({ host, pid }: Holder): boolean {
  const here = hostId();
  // Without the namespace two machines of one name could not be told apart.
  if (host !== here || !here.includes('/') || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
