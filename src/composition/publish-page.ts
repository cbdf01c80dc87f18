/** Puts the files of the status page where it is to be: into a folder, each whole or not at all, or into a bucket. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PageFile } from '../aws/publish-page.ts';
import { NanoopsError } from '../errors.ts';
import type { StackFlags } from '../commands/flags.ts';
import { makeFolder } from '../state/private-files.ts';
import { version } from '../version.ts';
import { endpointsOf } from './endpoints.ts';
import type { Io } from './io.ts';
import { systemClock } from './system-clock.ts';

export type Place =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'bucket'; readonly bucket: string; readonly prefix: string };

/** @throws NanoopsError `InvalidPlace` */
export function placeOf(text: string, cwd: string): Place {
  if (!text.startsWith('s3:')) return { kind: 'folder', path: resolve(cwd, text) };
  // Naming rules: S3 User Guide, "Bucket naming rules".
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text);
  const [, bucket, path = ''] = found ?? [];
  const prefix = path.replace(/\/+$/, '');
  if (bucket === undefined || prefix.split('/').includes('..') || prefix.startsWith('/')) {
    throw new NanoopsError(`${JSON.stringify(text)} is no place in a bucket`, {
      code: 'InvalidPlace',
      exitCode: 2,
      nextStep: 'write the bucket, and a prefix if there is one: s3://nano-status/pages',
    });
  }
  return { kind: 'bucket', bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}

/** Gives where each file is then. @throws NanoopsError `PageNotPublished` */
export async function publishFiles(
  place: Place,
  files: readonly PageFile[],
  { io, flags, region }: { readonly io: Io; readonly flags: StackFlags; readonly region: string },
): Promise<readonly string[]> {
  const written: string[] = [];
  if (place.kind === 'folder') {
    for (const file of files) written.push(await writeFile(place.path, file));
    return written;
  }
  const [{ openPageBucket }, { services: servicesWithEndpoint }] = await Promise.all([
    import('../aws/publish-page.ts'),
    endpointsOf(flags, io),
  ]);
  const { profile, endpointUrl } = flags;
  const tools = { clock: systemClock, random: Math.random, profile, endpointUrl, servicesWithEndpoint, version };
  const bucket = openPageBucket({ ...place, region }, tools);
  try {
    for (const file of files) {
      await bucket.put(file);
      written.push(`s3://${place.bucket}/${place.prefix}${file.name}`);
    }
    return written;
  } finally {
    bucket.close();
  }
}

/** Everybody may read it: it is a web page. */
const fileMode = 0o644;
const folderMode = 0o755;

async function writeFile(folder: string, { name, text }: PageFile): Promise<string> {
  const path = join(folder, name);
  const temporary = join(folder, `.nanoops-${randomUUID()}.tmp`);
  try {
    await makeFolder(folder, folderMode);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && !found.isFile()) throw new Error('there is a folder or device of that name');
    const file = await open(temporary, 'wx', fileMode);
    try {
      await file.writeFile(text, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return path;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new NanoopsError(`${path} was not published: ${error instanceof Error ? error.message : String(error)}`, {
      code: 'PageNotPublished',
      exitCode: 5,
      nextStep: 'make room, or choose another folder',
      cause: error,
    });
  }
}
