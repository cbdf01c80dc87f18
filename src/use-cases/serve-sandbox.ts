/** Serves a scenario of the simulated AWS over HTTP on this machine, on a clock that follows the wall's. */
import { parseDuration } from '../config/durations.ts';
import { NanoopsError } from '../errors.ts';
import { openSandbox } from '../sandbox/sandbox.ts';
import { clockHeader, scaledClock } from '../sandbox/scaled-clock.ts';
import { serveWire } from '../sandbox/wire/http-server.ts';
import { seededRequestIds } from '../sandbox/wire/request-id.ts';
import type { Gate } from '../sandbox/wire/service.ts';
import { createWire } from '../sandbox/wire/wire.ts';
import { parseSeed } from './seed.ts';

export interface ServeOptions {
  readonly scenario: string;
  readonly port: string;
  readonly seed?: string;
  /** What every call takes; drawn from the seed when absent. */
  readonly latency?: string;
  /** How many times faster than the wall's the world's clock runs. */
  readonly speed?: string;
  /** How long it is served, by the wall's clock; until the signal aborts when absent. */
  readonly timeout?: string;
  /** The wall clock, in epoch milliseconds. */
  readonly wall: () => number;
  /** Ends the serving. */
  readonly signal: AbortSignal;
}

export interface ServedDocument {
  readonly schema: 'nanoops/sandbox@1';
  readonly scenario: string;
  readonly seed: number;
  readonly speed: number;
  readonly url: string;
  readonly regions: readonly string[];
}

/** Serves a scenario until the signal aborts; `ready` is told once it listens. */
export async function serveSandbox(
  { scenario, port, seed, latency, speed, timeout, wall, signal }: ServeOptions,
  ready: (served: ServedDocument) => Promise<void>,
): Promise<void> {
  const chosen = parseSeed(seed);
  const startMs = wall();
  const times = parseSpeed(speed);
  const clock = scaledClock(startMs, times, wall);
  const { services, gate: drawn, stack } = openSandbox({ scenario, seed: chosen, startMs, clock });
  const latencyMs = latency === undefined ? undefined : parseDuration(latency, '--latency');
  const limitMs = timeout === undefined ? undefined : parseDuration(timeout, '--timeout');
  const gate: Gate = latencyMs === undefined ? drawn : () => ({ kind: 'answer', latencyMs });
  const wire = createWire({ services, gate, clock, requestIds: seededRequestIds(chosen) });
  let breakOff: (defect: unknown) => void = () => undefined;
  const broken = new Promise<never>((_resolve, reject) => {
    breakOff = reject;
  });
  const server = await serveWire(wire, {
    host: '127.0.0.1',
    port: parsePort(port),
    onDefect: breakOff,
    told: () => ({ [clockHeader]: `${clock.now()} ${times}` }),
  });
  const over = new AbortController();
  try {
    const regions = [stack.primary.region, ...(stack.recovery === undefined ? [] : [stack.recovery.region])];
    await ready({ schema: 'nanoops/sandbox@1', scenario, seed: chosen, speed: times, url: server.url, regions });
    const ended = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    // The world's clock runs so many times faster.
    const expired = limitMs === undefined ? [] : [clock.sleep(limitMs * times, over.signal)];
    await Promise.race([ended, broken, ...expired]);
  } finally {
    over.abort();
    await server.close();
  }
}

const fastest = 600;

function parseSpeed(text: string | undefined): number {
  if (text === undefined) return 1;
  const speed = Number(text);
  if (/^\d{1,4}(?:\.\d+)?$/.test(text) && speed > 0 && speed <= fastest) return speed;
  throw new NanoopsError(`--speed ${JSON.stringify(text)} is no speed`, {
    code: 'InvalidSpeed',
    exitCode: 2,
    nextStep: `use a number above 0 and up to ${fastest}: with 60 a minute of the world takes a second`,
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new NanoopsError(`--port ${JSON.stringify(text)} is not a port`, {
    code: 'InvalidPort',
    exitCode: 2,
    nextStep: 'use a number from 0 to 65535; 0 takes a free port',
  });
}
