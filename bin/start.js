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

/** How long a process may take to end of itself after all has been said. */
const graceMs = 50;

/** The standard streams that have been made. @type {Set<NodeJS.WriteStream>} */
const opened = new Set();

function start() {
  const isBrief = saysOnly(process.argv.slice(2));
  if (!isBrief) keepNurserySmall();
  if (!process.env.NANOOPS_DEBUG) keepWarningsQuiet();
  forgiveClosedStream('stdout');
  forgiveClosedStream('stderr');
  process.on('uncaughtException', endWithDefect);

  const file = path.join(__dirname, '..', 'dist', 'main.js');
  if (!fs.existsSync(file)) {
    process.stderr.write(`nanoops is not built: ${file} is not there. Run "npm ci" in ${path.dirname(__dirname)}.\n`);
    process.exitCode = 2;
    return;
  }
  run(file, isBrief ? 'brief' : 'whole').catch(endWithDefect);
}

/** @param {string} file the bundle @param {'brief' | 'whole'} kind */
async function run(file, kind) {
  /** @type {{ main(this: void, argv: readonly string[]): Promise<number> }} */
  const { main } = load(file, process.env, kind);
  process.exitCode = await main(process.argv.slice(2));
  await Promise.all([...opened].map(drained));
  // A process with nothing left to do has ended by then. What may keep it are connections and timers that nobody waits
  // for any more: all has been said, so they are cut off. (A name that the system is looking up right now still holds
  // the process: Node waits for its threads, whichever way it ends.)
  // oxlint-disable-next-line unicorn/no-process-exit
  setTimeout(() => process.exit(), graceMs).unref();
}

/**
 * Help and the version are said without loading anything more: loading node:v8 would be a tenth of it.
 *
 * @param {readonly string[]} words
 */
function saysOnly(words) {
  return words.length === 0 || words.some((word) => ['-h', '--help', '-V', '--version', 'help'].includes(word));
}

/**
 * A run lives for about a second, in which V8 would let its nursery grow to 16 MiB and collect most of it never: 13 of 90 MB. What
 * is collected of so small a nursery takes longer to share among threads than to do: a fortieth of a checklist.
 * Before anything is loaded: V8 takes code out of a cache only with the flags that it was made with. V8 complains of a flag that
 * it does not know, so it is set where it is known to be one.
 */
function keepNurserySmall() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major > 24) return;
  const v8 = require('node:v8');
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  v8.setFlagsFromString('--no-parallel-scavenge');
}

/**
 * Resolves when a stream has handed on all that was written to it, or cannot any more.
 *
 * @param {NodeJS.WriteStream} stream
 * @returns {Promise<void>}
 */
function drained(stream) {
  if (stream.destroyed || stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('close', resolve);
    stream.write('', () => resolve());
  });
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
        opened.add(stream);
        stream.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
          if (error.code !== 'EPIPE') endWithoutOutput(name, error);
        });
      }
      return stream;
    },
  });
}

/**
 * What was written has not arrived (a full disk, a terminal that is gone): no defect, but no result either.
 *
 * @param {'stdout' | 'stderr'} name @param {Error} error
 */
function endWithoutOutput(name, error) {
  // Of a lost standard error nothing can be said, and the result does not go there.
  if (name === 'stderr') return;
  try {
    fs.writeSync(2, `error: cannot write to standard output: ${error.message}\n`);
  } finally {
    // What is written from here on is lost too.
    // oxlint-disable-next-line unicorn/no-process-exit
    process.exit(exitCodeOfDefect);
  }
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
