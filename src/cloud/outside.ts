/**
 * The stack as its users see it, and the programs that the operator configured: the port behind which HTTP, the
 * resolver and processes stand, or the simulated world's own users. Nothing here asks AWS. No method rejects but for the
 * signal: that nothing came back is what was to be found out.
 */

export interface ProbeAnswer {
  /** True for a 2xx or 3xx answer. */
  readonly ok: boolean;
  readonly status?: number;
  readonly durationMs: number;
  /** In one line: the status, or what went wrong. Text from outside: data. */
  readonly detail: string;
}

export interface NewestHeartbeat {
  /** Epoch milliseconds of the newest heartbeat that the cluster holds; absent where the program gave none. */
  readonly at?: number;
  readonly detail: string;
}

/** What a configured program came to. */
export interface ProgramAnswer {
  readonly ok: boolean;
  /** In one line: its last line, or why it failed. Text from outside: data. */
  readonly detail: string;
  /** What it printed, cut to 64 KiB. */
  readonly output: string;
}

/** Whose database, and where, a program is to look: given to it as environment variables. */
export interface ProgramTarget {
  readonly region: string;
  readonly cluster?: string;
  /** The writer endpoint's host name. */
  readonly endpoint?: string;
}

export interface Outside {
  /** One GET of `api.probeUrl` through the public name. */
  probe(signal: AbortSignal): Promise<ProbeAnswer>;
  /** Where a name leads, as the machine's resolver says: addresses and names; empty where it does not resolve. */
  resolve(record: string, signal: AbortSignal): Promise<readonly string[]>;
  /** `database.rpoProbe` against a region's cluster. */
  newestHeartbeat(target: ProgramTarget, signal: AbortSignal): Promise<NewestHeartbeat>;
  /** `api.writeProbe`: writes through the public name and reads it back. */
  writeAndRead(signal: AbortSignal): Promise<ProgramAnswer>;
  /** `drill.consistency[index]`; `before` is what it printed before traffic moved, where it was asked then. */
  consistency(
    index: number,
    target: ProgramTarget,
    before: string | undefined,
    signal: AbortSignal,
  ): Promise<ProgramAnswer>;
}

/** Programs that change something, run once somebody agreed: `drill.injectOutage`, `drill.endOutage`, `cache.warm`. */
export interface Hooks {
  run(hook: HookName, target: ProgramTarget): Promise<ProgramAnswer>;
}

export type HookName = 'inject-outage' | 'end-outage' | 'warm-cache';
