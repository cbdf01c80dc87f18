/** A team's own programs and addresses on the real world. Never opened for a simulation. */
import type { NamedAddressAnswer, NamedDeeds, NamedLooks, NamedProgram } from '../cloud/named.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../engine/clock.ts';
import { httpProbe } from './http-probe.ts';
import { maskOf } from './mask.ts';
import { ProcessGroups } from './process-group.ts';
import { runProgram, type Ran } from './program.ts';

export interface NamedOptions {
  /** For what must not be shown. */
  readonly config: Config;
  /** Ends all that is under way. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** What programs inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The configuration file's folder: programs are started there. */
  readonly cwd: string;
  /** Of nanoops, for the user agent. */
  readonly version: string;
}

/** Between SIGTERM and SIGKILL. */
const graceMs = 5_000;

/** A program that was started, and did not do what it was started for. */
class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed';
  /** It may have done some of it: only a look can tell. */
  readonly errorClass = 'service-fault';
}

/** A program that was never started: it changed nothing, and what it would have said nobody knows. */
class ProgramNotStarted extends Error {
  override readonly name = 'ProgramNotStarted';
  readonly errorClass = 'rejected';
}

export function openNamed(options: NamedOptions): {
  readonly program: NamedLooks['program'];
  readonly address: NamedLooks['address'];
  readonly run: NamedDeeds['program'];
} {
  const { config, signal: session, clock, env, cwd, version } = options;
  const mask = maskOf(config, env);
  const groups = new ProcessGroups();
  const ran = ({ exec, withinMs }: NamedProgram, signals: readonly AbortSignal[]): Promise<Ran> =>
    runProgram({ exec, cwd, env, mask, clock, signals, limitMs: withinMs, graceMs, groups });
  return {
    async program(program, signal) {
      const { ok, detail, output, isStarted } = await ran(program, [session, signal]);
      if (!isStarted) throw new ProgramNotStarted(detail);
      return { ok, detail, output };
    },
    async address({ url, withinMs }, signal): Promise<NamedAddressAnswer> {
      return httpProbe({ url, clock, signals: [session, signal], version, limitMs: withinMs });
    },
    async run(program) {
      // What changes something is not cut off: whether it was done would be anybody's guess.
      const { ok, detail, isStarted } = await ran(program, []);
      if (!isStarted) throw new ProgramNotStarted(detail);
      if (!ok) throw new ProgramFailed(`${program.exec[0] ?? ''}: ${detail}`);
    },
  };
}
