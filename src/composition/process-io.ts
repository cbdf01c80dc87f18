/** The process around the program, each part of it touched only when it is asked for: that keeps `--help` quick. */
import { fstatSync, writeSync } from 'node:fs';
import { NanoopsError } from '../errors.ts';
import type { Io, Output } from './io.ts';

export function processIo(): Io {
  let controller: AbortController | undefined;
  return {
    stdout: output(1, () => process.stdout),
    stderr: output(2, () => process.stderr),
    stdin: {
      get isTTY() {
        try {
          return fstatSync(0).isCharacterDevice() && process.stdin.isTTY;
        } catch {
          return false; // Closed by whoever started us.
        }
      },
      stream: () => process.stdin,
    },
    env: process.env,
    get cwd() {
      return process.cwd();
    },
    get signal() {
      controller ??= abortOnSignals();
      return controller.signal;
    },
    interrupt() {
      controller ??= abortOnSignals();
      controller.abort(new Error('received SIGINT'));
    },
  };
}

/**
 * Writes at once, without making a stream, as long as nobody has needed the stream: a stream costs several
 * milliseconds. From the first time that the pipe is full on, the stream takes over, since it knows how to wait.
 */
function output(descriptor: 1 | 2, stream: () => NodeJS.WriteStream): Output {
  let mustStream = false;
  let failure: NanoopsError | undefined;
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
      if (failure !== undefined) {
        // Nothing can be said here any more; an error document that was meant for it is told in a line beside it.
        if (descriptor === 1) sayBeside(failure);
        return false;
      }
      if (mustStream) return stream().write(text);
      const bytes = Buffer.from(text);
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(descriptor, bytes, written);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error)) throw error;
        if (error.code === 'EPIPE') return false; // `nanoops … | head`: nobody reads on, and nothing is lost for it.
        if (error.code === 'EAGAIN') {
          mustStream = true;
          return stream().write(bytes.subarray(written));
        }
        failure = cannotWrite(error.code, error);
        // Without standard error the result still goes to standard output, and there is nowhere to say more.
        if (descriptor === 2) return false;
        throw failure;
      }
      return true;
    },
    stream() {
      // Whoever has it writes to it: what both say comes in the order in which it was said.
      mustStream = true;
      return stream();
    },
    get isTTY() {
      return isTerminal() && stream().isTTY;
    },
    get columns() {
      return isTerminal() ? stream().columns : undefined;
    },
  };
}

const reasons: Readonly<Record<string, string>> = {
  EBADF: 'it is closed',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would grow too large',
  EIO: 'the device gave an error',
  ENOSPC: 'no space left on device',
};

function cannotWrite(code: unknown, cause: Error): NanoopsError {
  const reason = (typeof code === 'string' ? reasons[code] : undefined) ?? cause.message;
  return new NanoopsError(`cannot write to standard output: ${reason}`, {
    code: 'OutputFailed',
    exitCode: 5,
    nextStep: 'make room, or send the output elsewhere, and run it again',
    cause,
  });
}

function sayBeside(failure: NanoopsError): void {
  try {
    writeSync(2, `error: ${failure.message}\n`);
  } catch {
    // Both streams are gone: the exit code says it alone.
  }
}

/** The first signal asks the program to end; the second is left to the system, which ends it. */
function abortOnSignals(): AbortController {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    // Not at once: libraries that restore the terminal end the process where they find themselves the only listeners.
    setImmediate(() => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      process.off('SIGHUP', stop);
    });
    controller.abort(new Error(`received ${signal}`));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // The terminal is gone: what is under way is finished, and the run can be taken up elsewhere.
  process.on('SIGHUP', stop);
  return controller;
}
