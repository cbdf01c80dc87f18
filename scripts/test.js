/**
 * `npm test`: everything, as two runs of vitest side by side. Those that wait (for other programs, real seconds, another team's
 * emulator) leave the processor to those that compute. The second one's output is held back until the first has ended, so that
 * each can be read; the closing line is of both. With words of its own it is vitest's, as it stands.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
const words = process.argv.slice(2);
/** Simulated worlds live for a second and leave much behind: with room for it V8 collects a quarter less. */
const memory = ['--min-semi-space-size=32', '--max-semi-space-size=64'];

/**
 * @param {readonly string[]} given
 * @param {(text: string) => void} heard
 * @returns {Promise<number>}
 */
function run(given, heard) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...memory, vitest, 'run', ...given], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', heard);
    }
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** What a run's closing line says; a failure where it did not come to one. */
function closing(/** @type {string} */ text) {
  const [, passed, failed] = [...text.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) ?? [];
  return passed === undefined ? { passed: 0, failed: 1 } : { passed: Number(passed), failed: Number(failed) };
}

async function everything() {
  const texts = ['', ''];
  const computing = run(['--project', 'unit'], (text) => {
    texts[0] += text;
    process.stdout.write(text);
  });
  const waiting = run(['--project', 'e2e', '--project', 'moto'], (text) => {
    texts[1] += text;
  });
  const codes = await Promise.all([computing, waiting]);
  process.stdout.write(`\n${texts[1]}\n`);
  const ends = texts.map(closing);
  const sum = (/** @type {'passed' | 'failed'} */ name) => ends.reduce((all, end) => all + end[name], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  return codes.find((code) => code !== 0) ?? 0;
}

process.exitCode = words.length > 0 ? await run(words, (text) => process.stdout.write(text)) : await everything();
