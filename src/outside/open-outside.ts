/**
 * The ports `Outside` and `Hooks` on the real world: what the configuration names, asked and started from this machine.
 * Knows which program is for what, and what it is told. Never opened for a simulation or a rehearsal.
 */
import type { HookName, Hooks, Outside, ProgramAnswer, ProgramTarget } from '../cloud/outside.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../engine/clock.ts';
import { readHeartbeat } from './heartbeat.ts';
import { httpProbe } from './http-probe.ts';
import { maskOf } from './mask.ts';
import { shown } from './printed.ts';
import { ProcessGroups } from './process-group.ts';
import { runProgram, type Ran } from './program.ts';
import { resolveName } from './resolver.ts';

/** In milliseconds of real time. */
export interface OutsideLimits {
  /** A GET, from the look-up of its name to its headers. */
  readonly probeMs: number;
  readonly resolveMs: number;
  /** `database.rpoProbe` and `api.writeProbe`. */
  readonly programMs: number;
  /** Each of `drill.consistency`. */
  readonly consistencyMs: number;
  /** `drill.injectOutage`, `drill.endOutage` and `cache.warm`. */
  readonly hookMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}

const defaultLimits: OutsideLimits = {
  probeMs: 5_000,
  resolveMs: 3_000,
  programMs: 30_000,
  consistencyMs: 5 * 60_000,
  hookMs: 10 * 60_000,
  graceMs: 5_000,
};

export interface OutsideOptions {
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
  readonly limits?: Partial<OutsideLimits>;
}

/** What a program is told beside what it inherits; an older run's, where it is not told, is taken away. */
interface Told {
  readonly target?: ProgramTarget;
  readonly before?: string;
}

/** Contacts nothing and starts nothing before it is asked to. */
export function openOutside(options: OutsideOptions): { readonly outside: Outside; readonly hooks: Hooks } {
  const { config, signal: session, clock, env, cwd, version } = options;
  const { api, database, cache, drill } = config;
  const limits = { ...defaultLimits, ...options.limits };
  const groups = new ProcessGroups();
  const mask = maskOf(config, env);
  const hookPrograms: Readonly<Record<HookName, Program>> = {
    'inject-outage': { key: 'drill.injectOutage', command: drill.injectOutage },
    'end-outage': { key: 'drill.endOutage', command: drill.endOutage },
    'warm-cache': { key: 'cache.warm', command: cache?.warm },
  };

  async function run(
    { key, command }: Program,
    limitMs: number,
    told: Told,
    signals: readonly AbortSignal[],
  ): Promise<Ran> {
    if (command === undefined) return { ok: false, detail: `${key} is not configured`, output: '', isStarted: false };
    const { exec } = command;
    const { graceMs } = limits;
    const environment = { ...env, ...variables(told) };
    return runProgram({ exec, cwd, env: environment, mask, clock, signals, limitMs, graceMs, groups });
  }

  return {
    outside: {
      async probe(signal) {
        const url = api?.probeUrl;
        if (url === undefined) return { ok: false, durationMs: 0, detail: 'api.probeUrl is not configured' };
        return httpProbe({ url, clock, signals: [session, signal], version, limitMs: limits.probeMs });
      },
      resolve: (record, signal) =>
        resolveName({ record, clock, signals: [session, signal], limitMs: limits.resolveMs }),
      async newestHeartbeat(target, signal) {
        const program = { key: 'database.rpoProbe', command: database?.rpoProbe };
        const ran = await run(program, limits.programMs, { target }, [session, signal]);
        if (!ran.ok) return { detail: ran.detail };
        const { at, detail } = readHeartbeat(ran.lastLine, clock.now());
        return { at, detail: shown(mask(detail)) };
      },
      async writeAndRead(signal) {
        const program = { key: 'api.writeProbe', command: api?.writeProbe };
        return answerOf(await run(program, limits.programMs, {}, [session, signal]));
      },
      async consistency(index, target, before, signal) {
        const program = { key: `drill.consistency[${index}]`, command: drill.consistency[index] };
        return answerOf(await run(program, limits.consistencyMs, { target, before }, [session, signal]));
      },
    },
    hooks: {
      async run(hook, target) {
        return answerOf(await run(hookPrograms[hook], limits.hookMs, { target }, [session]));
      },
    },
  };
}

interface Program {
  /** Where it stands in the configuration. */
  readonly key: string;
  readonly command?: { readonly exec: readonly string[] };
}

function variables({ target, before }: Told): Readonly<Record<string, string | undefined>> {
  return {
    NANOOPS_REGION: target?.region,
    NANOOPS_DATABASE_CLUSTER: target?.cluster,
    NANOOPS_DATABASE_ENDPOINT: target?.endpoint,
    // As a shell's `$(…)` gives it, so that the two can be compared; no variable can hold a NUL.
    NANOOPS_BEFORE: before?.replaceAll('\0', '').replace(/\n+$/, ''),
  };
}

function answerOf({ ok, detail, output }: Ran): ProgramAnswer {
  return { ok, detail, output };
}
