/**
 * Starts nanoops in this process: keeps other voices off its streams, loads the bundle, and turns what main() says into
 * the exit code. What a process is, is known here; what nanoops does, is not.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { load } = require('./code-cache.js');

/** As main() has it for the defects that it sees itself. */
const exitCodeOfDefect = 5;

function start() {
  const debug = Boolean(process.env.NANOOPS_DEBUG) || process.argv.includes('--verbose') || process.argv.includes('-v');
  if (!debug) keepWarningsQuiet();
  forgiveClosedStream('stdout');
  forgiveClosedStream('stderr');
  process.on('uncaughtException', endWithDefect);

  const file = path.join(__dirname, '..', 'dist', 'main.js');
  if (!fs.existsSync(file)) {
    process.stderr.write(`nanoops is not built: ${file} is not there. Run "npm ci" in ${path.dirname(__dirname)}.\n`);
    process.exitCode = 2;
    return;
  }
  run(file).catch(endWithDefect);
}

/** @param {string} file the bundle */
async function run(file) {
  /** @type {{ main(this: void, argv: readonly string[]): Promise<number> }} */
  const { main } = load(file, process.env);
  process.exitCode = await main(process.argv.slice(2));
}

/** Node prints process warnings (deprecations, the AWS SDK's about old Node versions) by a listener of its own. */
function keepWarningsQuiet() {
  process.removeAllListeners('warning');
}

/**
 * `nanoops … | head` closes the pipe early. That is no error, and no reason to stop a run half-way: what else would be
 * said is dropped. The stream is made when it is first used, which `--help` never does and saves its cost.
 *
 * @param {'stdout' | 'stderr'} name
 */
function forgiveClosedStream(name) {
  const property = Object.getOwnPropertyDescriptor(process, name);
  if (property?.get === undefined) return;
  const get = property.get.bind(process);
  let watched = false;
  Object.defineProperty(process, name, {
    ...property,
    get() {
      const stream = get();
      if (!watched) {
        watched = true;
        stream.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
          if (error.code !== 'EPIPE') throw error;
        });
      }
      return stream;
    },
  });
}

/** @param {unknown} error */
function endWithDefect(error) {
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const text = `nanoops broke: this is a defect of nanoops, and says nothing about your stack.\n${told}\n`;
  try {
    fs.writeSync(2, text);
  } finally {
    // After an uncaught exception nothing in the process can be relied on, so it must not go on.
    // oxlint-disable-next-line unicorn/no-process-exit
    process.exit(exitCodeOfDefect);
  }
}

module.exports = { start };
