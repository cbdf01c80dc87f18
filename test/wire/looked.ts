/** What a command that looks came to, while what answers it answers wrongly; and what is wrong with that. */
import { readFile } from 'node:fs/promises';
import type { Started } from '../e2e/served.ts';

export const limitMs = 20_000;
/** Of real time, for a process to start and to end on a machine that is busy. */
const graceMs = 25_000;
const mostMegabytes = 500;

export const commands = {
  'diagnose latency': ['diagnose', 'latency'],
  status: ['status'],
  'dr readiness': ['dr', 'readiness'],
} as const;

export interface Looked {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
  /** The most memory that it ever had. */
  readonly megabytes: number;
}

/** Starts it, and looks at its memory while it runs. */
export async function looked(start: () => Started): Promise<Looked> {
  const beganAt = performance.now();
  const { child, ended } = start();
  let megabytes = 0;
  const watching = setInterval(() => {
    readFile(`/proc/${child.pid}/status`, 'utf8').then(
      (text) => (megabytes = Math.max(megabytes, Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024)),
      () => undefined, // Gone, or a system that does not tell.
    );
  }, 50);
  const { exitCode, stdout, stderr } = await ended;
  clearInterval(watching);
  return { exitCode, stdout, stderr, tookMs: performance.now() - beganAt, megabytes };
}

/** It took longer than it may, or more memory. */
export function excessOf({ tookMs, megabytes }: Looked): readonly string[] {
  return [
    ...(tookMs < limitMs + graceMs ? [] : [`it took ${tookMs} ms`]),
    ...(megabytes < mostMegabytes ? [] : [`it took ${megabytes} MB`]),
  ];
}

/** What no answer may lead to: words of the language, of a page, and what steers a terminal. */
const unfit = /\bat [^ ]+ \(?[^ ]*\.[jt]s:\d|TypeError|RangeError|undefined|\[object|defect|alert\(1\)|(?!\n)\p{Cc}/u;

/** Nothing, where all of it is told as unknown, in time. */
export function wrongWith(look: Looked): readonly string[] {
  const { exitCode, stdout, stderr } = look;
  const document = JSON.parse(stdout);
  const { verdict = document.schema, checks = [] } = document;
  const ok = checks.filter(({ status }: { readonly status: string }) => status === 'ok');
  return [
    ...(stderr === '' ? [] : [`stderr: ${stderr}`]),
    ...(exitCode === 3 && document.exitCode === 3 ? [] : [`exit code ${exitCode}`]),
    ...(['unknown', 'nanoops/error@1'].includes(verdict) ? [] : [`the verdict ${verdict}`]),
    ...ok.map(({ id }: { readonly id: string }) => `${id} is ok`),
    ...(unfit.test(stdout) ? [stdout] : []),
    ...excessOf(look),
  ];
}
