/** The process around the program, each part of it touched only when it is asked for: that keeps `--help` quick. */
import { fstatSync, writeSync } from 'node:fs';
import type { Io, Output } from './io.ts';

export function processIo(): Io {
  let controller: AbortController | undefined;
  return {
    stdout: output(1, () => process.stdout),
    stderr: output(2, () => process.stderr),
    stdin: {
      get isTTY() {
        return process.stdin.isTTY;
      },
    },
    env: process.env,
    get cwd() {
      return process.cwd();
    },
    get signal() {
      controller ??= abortOnSignals();
      return controller.signal;
    },
  };
}

/**
 * Writes at once, without making a stream, as long as nobody has needed the stream: a stream costs several
 * milliseconds. From the first time that the pipe is full on, the stream takes over, since it knows how to wait.
 */
function output(descriptor: 1 | 2, stream: () => NodeJS.WriteStream): Output {
  let mustStream = false;
  // A pipe or a file is told from a terminal without making a stream of it.
  const isTerminal = (): boolean => {
    try {
      return fstatSync(descriptor).isCharacterDevice();
    } catch {
      return false; // Closed by whoever started us: nobody watches.
    }
  };
  return {
    write(text) {
      if (mustStream) return stream().write(text);
      const bytes = Buffer.from(text);
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(descriptor, bytes, written);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error)) throw error;
        if (error.code === 'EPIPE') return false; // `nanoops … | head`: nobody reads on, and nothing is lost for it.
        if (error.code !== 'EAGAIN') throw error;
        mustStream = true;
        return stream().write(bytes.subarray(written));
      }
      return true;
    },
    stream,
    get isTTY() {
      return isTerminal() && stream().isTTY;
    },
    get columns() {
      return isTerminal() ? stream().columns : undefined;
    },
  };
}

/** The first signal asks the program to end; the second is left to the system, which ends it. */
function abortOnSignals(): AbortController {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    controller.abort(new Error(`received ${signal}`));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller;
}
