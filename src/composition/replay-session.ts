/** A session on a capture: nothing is contacted, and time passes as it passed then. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseCapture } from '../capture/capture.ts';
import { leaveOut } from '../capture/leave-out.ts';
import { replayedFacts } from '../capture/facts.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { Changes } from '../cloud/changes.ts';
import { InspectionError } from '../cloud/inspection.ts';
import type { Outside } from '../cloud/outside.ts';
import type { Opening } from '../commands/command.ts';
import type { StackFlags } from '../commands/flags.ts';
import { parseConfig } from '../config/load.ts';
import { stackOf } from '../config/stack.ts';
import { NanoopsError } from '../errors.ts';
import { seeded } from '../sandbox/random.ts';
import { VirtualClock } from '../sandbox/virtual-clock.ts';
import type { Io } from './io.ts';
import type { OpenedSession } from './open-session.ts';

/** What a capture holds instead: its stack, its answers, its time. */
const pointless = ['sandbox', 'seed', 'config', 'environment', 'profile', 'endpointUrl'] as const;

/** Larger ones are none: a diagnosis sees a few megabytes. */
const mostBytes = 200_000_000;

/** @throws NanoopsError for a file that is no capture, for flags that have no meaning with one, and where something is to be changed. */
export async function openReplaySession(
  path: string,
  flags: StackFlags,
  io: Io,
  { acts, leavesOut = [] }: Opening,
): Promise<OpenedSession> {
  check(flags, acts !== undefined);
  const capture = leaveOut(parseCapture(await read(path, io), path), leavesOut);
  const { runbook, region, since, until } = capture;
  const config = parseConfig(capture.config, `the configuration in ${path}`);
  const clock = new VirtualClock(capture.at);
  const cloud: Cloud = {
    facts: replayedFacts(capture.answers, clock),
    changes: {} as Changes,
    prepare: () => undefined,
    usage: () => ({ calls: 0, mutations: 0, byOperation: {} }),
    close: () => undefined,
  };
  return {
    config,
    written: capture.config,
    stack: stackOf(config),
    cloud,
    outside: unseen,
    named: unnamed,
    inspection: uninspected,
    isSimulated: false,
    verify: () => Promise.resolve(),
    awsOptions: [],
    clock,
    random: seeded(capture.at),
    signal: io.signal,
    replayed: {
      runbook,
      capture,
      lookedAt: {
        ...(region === undefined ? {} : { region }),
        ...(since === undefined ? {} : { since }),
        ...(until === undefined ? {} : { until }),
      },
    },
    close: () => undefined,
  };
}

function check(flags: StackFlags, acts: boolean): void {
  const refused = (message: string, nextStep: string) =>
    new NanoopsError(message, { code: 'ReplayRefused', exitCode: 2, nextStep });
  if (acts) throw refused('a capture shows what was: nothing can be changed there', 'leave --fix, or --replay, out');
  const misplaced = pointless.find((flag) => flags[flag] !== undefined);
  if (misplaced === undefined) return;
  const name = misplaced === 'endpointUrl' ? 'endpoint-url' : misplaced;
  throw refused(
    `--${name} has no meaning with --replay: the capture holds the stack, its answers and their time`,
    'leave one of the two out',
  );
}

async function read(path: string, { cwd }: Io): Promise<string> {
  const file = resolve(cwd, path);
  try {
    const { size } = await stat(file);
    if (size > mostBytes) throw new Error('it is larger than any capture');
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new NanoopsError(
      `the capture ${JSON.stringify(path)} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        code: 'CaptureUnreadable',
        exitCode: 2,
        nextStep: 'give the path of a file that nanoops capture wrote',
        cause: error,
      },
    );
  }
}

const notSeen = 'the capture does not hold it';
const program = { ok: false, detail: notSeen, output: '' } as const;

const unseen: Outside = {
  probe: async () => ({ ok: false, durationMs: 0, detail: notSeen }),
  resolve: async () => [],
  newestHeartbeat: async () => ({ detail: notSeen }),
  writeAndRead: async () => program,
  consistency: async () => program,
};

const refuse = async (): Promise<never> => {
  throw new InspectionError('unreachable', notSeen, 'ask the stack itself, without --replay');
};

const unnamed: OpenedSession['named'] = { call: refuse, program: refuse, address: refuse };

const uninspected: OpenedSession['inspection'] = {
  database: { server: refuse, statements: refuse, indexes: refuse },
  cache: { server: refuse, keys: refuse },
  web: { get: refuse },
};
