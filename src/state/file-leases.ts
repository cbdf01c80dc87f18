/**
 * Leases in files, for the runs of one machine: `leases/<resource>/<version>.json`. A file is written whole under another
 * name and then linked to the next number, which fails where somebody has that number already: of several one gets it,
 * and a crash leaves no half of a lease. Files are never altered; the highest number counts, and is never removed.
 */
import { createHash } from 'node:crypto';
import { link, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StateError } from '../engine/journal-store.ts';
import type { Lease, LeaseStore } from '../engine/lease-store.ts';
import { fileError, systemCodeOf } from './file-errors.ts';
import { leaseStoreOn, leaseText, parseLease, type LeaseRegister, type Registered } from './lease-register.ts';
import { makeKeptFolder, namesIn, refuseLinks, syncFolder, textOf, writeTemporary } from './private-files.ts';

const folderForm = /-[0-9a-f]{12}$/;
const versionForm = /^([1-9]\d*)\.json$/;
/** A version is removed only when there is a newer one, so whoever misses one looks again. */
const mostLooks = 100;

/** `folder`: see `stateFolder`. It is made when the first lease is taken. `root`: of all state, where that is another one. */
export function fileLeaseStore(folder: string, root: string = folder): LeaseStore {
  return leaseStoreOn(fileRegister(folder, join(folder, 'leases'), root));
}

function fileRegister(name: string, leases: string, root: string): LeaseRegister {
  return {
    name,
    read: (resource) => newestIn(join(leases, folderOf(resource)), root),
    async swap(seen, next) {
      const folder = join(leases, folderOf(next.resource));
      try {
        await makeKeptFolder(folder, root);
        return await put(folder, (seen?.version ?? 0) + 1, next);
      } catch (error) {
        throw fileError('unwritable', error, folder, `The lease on ${next.resource} stays as it was.`);
      }
    },
    async all() {
      const found: Lease[] = [];
      for (const entry of (await namesOf(leases, root)).filter((other) => folderForm.test(other))) {
        const newest = await newestIn(join(leases, entry), root);
        if (newest !== undefined) found.push(newest.lease);
      }
      return found;
    },
  };
}

/** Readable, and one for each resource also where file systems do not tell `A` from `a`, or cut names at 255 bytes. */
function folderOf(resource: string): string {
  const digest = createHash('sha256').update(resource).digest('hex').slice(0, 12);
  return `${encodeURIComponent(resource).slice(0, 150)}-${digest}`;
}

async function put(folder: string, version: number, lease: Lease): Promise<boolean> {
  const path = join(folder, `${version}.json`);
  const temporary = await writeTemporary(folder, leaseText(lease));
  try {
    await link(temporary, path);
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  const versions = await versionsIn(folder);
  // Whoever slept since it looked may find its number free again, because it is over and was cleaned up.
  if (versions.some((other) => other > version)) {
    await rm(path, { force: true });
    return false;
  }
  await syncFolder(folder);
  for (const old of versions) if (old < version) await rm(join(folder, `${old}.json`), { force: true });
  return true;
}

async function newestIn(folder: string, root: string): Promise<Registered | undefined> {
  try {
    refuseLinks(folder, root);
    for (let look = 0; look < mostLooks; look += 1) {
      const version = Math.max(0, ...(await versionsIn(folder)));
      if (version === 0) return undefined;
      const path = join(folder, `${version}.json`);
      const text = await textThere(path);
      if (text !== undefined) return { version, lease: parseLease(text, path) };
    }
  } catch (error) {
    throw fileError('unreadable', error, folder, 'Who may change the resource is unknown.');
  }
  throw new StateError('unreadable', `the lease in ${folder} never stands still`, 'try again');
}

async function namesOf(folder: string, root: string): Promise<readonly string[]> {
  try {
    refuseLinks(folder, root);
    return await namesIn(folder);
  } catch (error) {
    throw fileError('unreadable', error, folder, 'Who may change what is unknown.');
  }
}

async function versionsIn(folder: string): Promise<readonly number[]> {
  return (await namesIn(folder)).flatMap((name) => {
    const version = versionForm.exec(name)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
}

async function textThere(path: string): Promise<string | undefined> {
  try {
    return await textOf(path);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
