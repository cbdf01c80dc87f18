/**
 * One command over many services: `-c 'services/*.yaml'`. Services of the same roles share one cloud, so that their metrics
 * travel together; a fixed number of them is looked at at a time, which bounds the memory that it takes; and what
 * goes wrong with one is told of that one.
 */
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { glob, isDynamicPattern } from 'tinyglobby';
import type { AwsCloud } from '../aws/open-aws.ts';
import type { Opening, Times } from '../commands/command.ts';
import type { StackFlags } from '../commands/flags.ts';
import { NanoopsError } from '../errors.ts';
import type { FleetDocument } from '../report/schemas.ts';
import type { Session } from '../use-cases/session.ts';
import type { FleetReport } from '../use-cases/fleet-reports.ts';
import { fleetDocument, type FleetEntry } from '../use-cases/fleet.ts';
import { errorDocument, toNanoopsError } from './error-report.ts';
import type { Io } from './io.ts';
import { deadlineOf, endingWith, openSession, type OpenCloud } from './open-session.ts';
import { withPackedChecks } from './packed-checks.ts';

/** Enough to fill calls for metrics, of a few series of each service too, and few enough for their data to fit. */
const mostAtATime = 90;

/** True where a configuration is named by a pattern rather than by its path, which may hold such characters too. */
export function namesMany(config: string, cwd: string): boolean {
  return isDynamicPattern(config, { caseSensitiveMatch: true }) && !existsSync(resolve(cwd, config));
}

export interface FleetParts {
  readonly flags: StackFlags;
  readonly io: Io;
  readonly opening: Opening;
  readonly times: (session: Session) => Promise<Times>;
  readonly work: (session: Session, times: Times) => Promise<FleetReport>;
  /** Told each service's as soon as it is known. */
  readonly ended: (entry: FleetEntry, count: number, all: number) => void;
}

/** @throws NanoopsError `NoSuchServices` where the pattern names no file; what goes wrong with a service is told in its entry. */
export async function runFleet(pattern: string, parts: FleetParts): Promise<FleetDocument> {
  const { flags, io, opening, ended } = parts;
  const files = (await glob(pattern, { cwd: io.cwd, absolute: true, onlyFiles: true })).toSorted();
  if (files.length === 0) {
    throw new NanoopsError(`no file is named by -c ${JSON.stringify(pattern)}`, {
      code: 'NoSuchServices',
      exitCode: 2,
      nextStep: "quote the pattern, so that the shell leaves it alone: -c 'services/*.yaml'",
    });
  }
  if (flags.sandbox === undefined) keepMemorySmall();
  const clouds = new Map<string, AwsCloud>();
  const deadlines = await deadlineOf(flags);
  const { openAws } = await import('../aws/open-aws.ts');
  const shared: OpenCloud = (options) => {
    const key = JSON.stringify(options.roles ?? {});
    const cloud =
      clouds.get(key) ??
      endingWith((signal) => openAws({ ...options, signal, fillsCalls: true }), io.signal, ...deadlines);
    clouds.set(key, cloud);
    return cloud;
  };
  const entries: FleetEntry[] = [];
  let command: string | undefined;
  const look = async (file: string, index: number): Promise<void> => {
    io.signal.throwIfAborted();
    const { command: asked, ...entry } = await lookedAt(
      relative(io.cwd, file),
      parts,
      { ...flags, config: file },
      opening,
      shared,
    );
    command ??= asked;
    entries[index] = withPackedChecks(entry);
    ended(entry, entries.filter(Boolean).length, files.length);
  };
  // Waves of the same size: a last one of a few services would have calls of its own for them. Each simulated stack is a world of
  // its own in memory.
  const waves = flags.sandbox === undefined ? Math.ceil(files.length / mostAtATime) : files.length;
  const size = Math.ceil(files.length / waves);
  try {
    for (let first = 0; first < files.length; first += size) {
      // Together to the end: whoever began in the middle would have calls of its own.
      await Promise.all(files.slice(first, first + size).map((file, index) => look(file, first + index)));
    }
    return fleetDocument(
      command ?? '',
      entries,
      [...clouds.values()].map((cloud) => cloud.usage()),
    );
  } finally {
    for (const cloud of clouds.values()) cloud.close();
  }
}

/**
 * Left alone, V8 lets what is dead grow to three times what is alive before it collects it, and its optimizing compiler takes
 * 20 MB for a tenth less of processor time (`npm run bench:checks`). V8 complains of a flag that it does not know, so they are set
 * where they are known to be flags. At the end they are taken back: code is cached then, and a cache is of use with the very flags that
 * it was made with.
 */
function keepMemorySmall(): void {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major > 24) return;
  setFlagsFromString('--heap-growing-percent=25');
  setFlagsFromString('--no-opt');
  process.prependOnceListener('exit', () => {
    setFlagsFromString('--heap-growing-percent=0');
    setFlagsFromString('--opt');
  });
}

/** `command`: as its report calls it; absent where there is none. */
async function lookedAt(
  file: string,
  { io, times, work }: FleetParts,
  flags: StackFlags,
  opening: Opening,
  shared: OpenCloud,
): Promise<FleetEntry & { readonly command?: string }> {
  let about: Pick<FleetEntry, 'service' | 'environment'> = {};
  try {
    const opened = await openSession(flags, io, opening, () => () => undefined, shared);
    const session: Session = { ...opened, emit: () => undefined };
    about = { service: opened.stack.service, environment: opened.stack.environment };
    try {
      const report = await work(session, await times(session));
      const { verdict, exitCode, checks, summary } = report;
      return {
        id: file,
        ...about,
        command: report.command,
        verdict,
        exitCode,
        ...(summary === undefined ? {} : { summary }),
        checks,
        ...(flags.sandbox === undefined ? {} : { api: report.api }),
      };
    } finally {
      opened.close();
      if (flags.sandbox !== undefined) opened.cloud.close();
    }
  } catch (error) {
    io.signal.throwIfAborted();
    const known = toNanoopsError(error, [], io.signal, []);
    if (known === undefined) throw error;
    const { exitCode, error: told } = errorDocument(known, error);
    return { id: file, ...about, verdict: 'failed', exitCode, error: told };
  }
}
