/** An operator with a state folder of their own: types commands in this process, and looks at what was kept. */
import { cpSync, mkdtempSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { JournalRecord } from '../../src/engine/journal-store.ts';
import { runDocument } from '../../src/report/schemas.ts';
import { linesOf, parseLines } from '../../src/state/journal-lines.ts';
import { runMain, type Ended, type RunMainOptions } from '../support/run-main.ts';

const folders: string[] = [];

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

export interface Operator {
  /** What XDG_STATE_HOME names. */
  readonly home: string;
  type(line: string, options?: RunMainOptions): Promise<Ended>;
  /** The newest run's id. */
  runId(): Promise<string>;
  journalPath(runId: string): string;
  records(runId: string): Promise<readonly JournalRecord[]>;
  rewrite(runId: string, records: readonly JournalRecord[]): Promise<void>;
  /** Another operator on a copy of the state folder: as a machine finds it after a crash. At once, so that it is of one moment. */
  copy(): Operator;
}

export async function operator(): Promise<Operator> {
  return at(await newFolder());
}

/** A folder that is gone after the test. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nanoops-operator-'));
  folders.push(folder);
  return folder;
}

export function at(home: string): Operator {
  const runs = join(home, 'nanoops', 'runs');
  const journalPath = (runId: string): string => join(runs, runId, 'journal.ndjson');
  return {
    home,
    journalPath,
    type: (line, { env, ...options } = {}) =>
      runMain(line.split(' '), { ...options, env: { XDG_STATE_HOME: home, USER: 'ana', ...env } }),
    runId: async () => (await readdir(runs)).toSorted().at(-1) ?? '',
    records: async (runId) => parseLines(await readFile(journalPath(runId)), 'the journal').records,
    rewrite: (runId, records) => writeFile(journalPath(runId), linesOf([...records])),
    copy: () => {
      const folder = mkdtempSync(join(tmpdir(), 'nanoops-operator-'));
      folders.push(folder);
      cpSync(home, folder, { recursive: true });
      return at(folder);
    },
  };
}

/** The run document on stdout, which has to be one. */
export function runOf({ stdout }: Ended) {
  return runDocument.parse(JSON.parse(stdout));
}

/** The error document on stdout. */
export function errorOf({ stdout }: Ended): { code: string; message: string; details: string[]; nextStep: string } {
  return JSON.parse(stdout).error;
}

/** `--fix` on a bad deployment, with nobody to ask. */
export async function suspended(): Promise<{
  readonly ana: Operator;
  readonly runId: string;
  readonly resume: string;
}> {
  const ana = await operator();
  const run = runOf(await ana.type('diagnose latency --fix --sandbox bad-deploy --json'));
  const [next = ''] = run.suspended?.nextSteps ?? [];
  return { ana, runId: run.runId, resume: next.replace(/^nanoops /, '') };
}
