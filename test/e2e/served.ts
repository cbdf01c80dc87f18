/** A simulated AWS in a process of its own, nanoops in others, and the aws command line to see how things stand. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { inject } from 'vitest';
import { nanoops, type Ended } from '../package/nanoops.ts';

const credentials = { AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox' };

/** False where the aws command line is not installed; in CI it has to be. */
export const hasAws = await execa('aws', ['--version'], { reject: false }).then(({ failed }) => !failed);

export interface Started {
  readonly child: ChildProcess;
  /** Resolves when the process is gone and has said everything. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Where a team keeps its runs. */
export interface TeamTable {
  readonly table: string;
  readonly region: string;
  readonly endpointUrl: string;
}

/** What a run's journal holds, as far as these tests look. */
export interface JournalEvent {
  readonly type: string;
  readonly stepId?: string;
  readonly direction?: string;
  readonly outcome?: string;
  readonly verdict?: string;
  readonly [name: string]: unknown;
}

/** A served scenario, with a folder for its configuration and nanoops' own state. */
export class Served {
  readonly url: string;
  private readonly folder: string;
  private readonly server: ChildProcess;
  private readonly team: TeamTable | undefined;
  private readonly children = new Set<ChildProcess>();

  private constructor(url: string, folder: string, server: ChildProcess, team: TeamTable | undefined) {
    this.url = url;
    this.folder = folder;
    this.server = server;
    this.team = team;
  }

  /**
   * `outside`: whether the configuration names what is asked from outside, which a served simulation does not have. `team`: the
   * table that runs are kept in; then every process has a state folder of its own, as in a container.
   */
  static async start(
    scenario: string,
    speed: number,
    { outside = true, team }: { readonly outside?: boolean; readonly team?: TeamTable } = {},
  ): Promise<Served> {
    const folder = await mkdtemp(join(tmpdir(), 'nanoops-served-'));
    await mkdir(join(folder, 'state'));
    const { stdout: yaml } = await nanoops(['sandbox', 'config']);
    const state = team === undefined ? '' : `\nstate: { dynamodb: { table: ${team.table}, region: ${team.region} } }\n`;
    await writeFile(join(folder, 'nanoops.yaml'), `${outside ? yaml : withoutOutside(yaml)}${state}`);
    const words = ['sandbox', 'serve', scenario, '--speed', String(speed), '--port', '0', '--json'];
    const server = spawn(executable(), words, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
    const url = await new Promise<string>((resolve, reject) => {
      let text = '';
      server.stdout.on('data', (data) => {
        text += String(data);
        if (text.trimEnd().endsWith('}')) resolve(JSON.parse(text).url);
      });
      server.once('exit', (code) => reject(new Error(`sandbox serve ended with ${code}`)));
    });
    return new Served(url, folder, server, team);
  }

  /** Ends every process that was started, and removes what they wrote. */
  async close(): Promise<void> {
    for (const child of [...this.children, this.server]) {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Of one process more. */
  private get env(): NodeJS.ProcessEnv {
    const state = join(this.folder, 'state');
    return {
      ...credentials,
      ...(this.team === undefined
        ? { XDG_STATE_HOME: state }
        : { XDG_STATE_HOME: mkdtempSync(join(state, 'process-')), AWS_ENDPOINT_URL_DYNAMODB: this.team.endpointUrl }),
      USER: 'ana',
    };
  }

  /** The configuration of the served stack. */
  get config(): string {
    return join(this.folder, 'nanoops.yaml');
  }

  /** The folder that nanoops' own state is kept in. */
  get state(): string {
    return join(this.folder, 'state');
  }

  /** Adds lines to the configuration. */
  configure(yaml: string): Promise<void> {
    return appendFile(this.config, `\n${yaml}\n`);
  }

  private get reached(): readonly string[] {
    return ['-c', this.config, '--endpoint-url', this.url];
  }

  /** Starts a runbook on the served stack, and does not wait for it. */
  startRunbook(id: string, ...flags: readonly string[]): Started {
    return this.start('runbook', 'run', id, ...flags, ...this.reached);
  }

  /** Starts a move between regions on the served stack, and does not wait for it. */
  startDr(kind: 'failover' | 'failback' | 'drill', ...flags: readonly string[]): Started {
    return this.start('dr', kind, ...flags, ...this.reached);
  }

  /** Starts nanoops, and does not wait for it. Never asks: there is no terminal. */
  start(...words: readonly string[]): Started {
    return this.startWith({}, ...words);
  }

  /** The same with more in its environment. */
  startWith(env: NodeJS.ProcessEnv, ...words: readonly string[]): Started {
    const started = startNanoops(words, { cwd: this.folder, env: { ...this.env, ...env } });
    this.children.add(started.child);
    started.child.once('close', () => this.children.delete(started.child));
    return started;
  }

  /** Runs a runbook on the served stack to its end. */
  runRunbook(id: string, ...flags: readonly string[]): Promise<Ended> {
    return this.run('runbook', 'run', id, ...flags, ...this.reached);
  }

  /** Runs nanoops to its end. */
  run(...words: readonly string[]): Promise<Ended> {
    return nanoops(words, { cwd: this.folder, env: this.env });
  }

  /** The ids of the runs that are kept, oldest first. */
  async runIds(): Promise<readonly string[]> {
    return (await readdir(join(this.folder, 'state/nanoops/runs')).catch(() => [])).toSorted((a, b) =>
      a < b ? -1 : 1,
    );
  }

  /** The paths of everything that is kept on this machine. */
  async written(): Promise<readonly string[]> {
    return readdir(this.state, { recursive: true });
  }

  /** The whole records of a run's journal, as they are in the file now; none where it is not there yet. */
  async journal(runId: string): Promise<readonly JournalEvent[]> {
    const path = join(this.folder, 'state/nanoops/runs', runId, 'journal.ndjson');
    const text = await readFile(path, 'utf8').catch(() => '');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { event: JournalEvent }).event]));
  }

  async aws(...words: readonly string[]): Promise<Record<string, unknown>> {
    const { stdout } = await execa(
      'aws',
      ['--endpoint-url', this.url, '--region', 'us-west-2', '--output', 'json', ...words],
      { env: { ...credentials, AWS_EC2_METADATA_DISABLED: 'true', AWS_PAGER: '', AWS_CA_BUNDLE: undefined } },
    );
    return JSON.parse(stdout);
  }
}

/** The sandbox's own configuration without its probes and programs. */
function withoutOutside(yaml: string): string {
  const keys = /^ {2}(?:probeUrl:.*|(?:writeProbe|rpoProbe|warm):\n(?: {4}.*\n)+)\n?/gm;
  return yaml.replace(keys, '').replace(/^drill:\n(?: .*\n?)+/m, '');
}

/** Starts the installed nanoops, and does not wait for it. */
export function startNanoops(
  words: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Started {
  const child = spawn(executable(), words, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, XDG_CACHE_HOME: join(inject('installed').folder, 'cache'), ...env },
  });
  const heard = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (heard.stdout += String(data)));
  child.stderr.on('data', (data) => (heard.stderr += String(data)));
  const ended = new Promise<Awaited<Started['ended']>>((resolve) =>
    child.once('close', (exitCode) => resolve({ exitCode, ...heard })),
  );
  return { child, ended };
}

function executable(): string {
  return join(inject('installed').folder, 'node_modules/.bin/nanoops');
}

/** Looks every few milliseconds until something is there; fails after a minute. */
export async function until<T>(look: () => Promise<T | undefined> | T | undefined, what: string): Promise<T> {
  const endsAt = performance.now() + 60_000;
  while (performance.now() < endsAt) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(10);
  }
  throw new Error(`not within a minute: ${what}`);
}

export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
