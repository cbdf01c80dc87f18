/** What a configuration is good for: whoever has just written theirs knows no other command yet. */

interface Afterwards {
  /** After `nanoops`. */
  readonly words: string;
  readonly why: string;
  /** True of what needs a region that takes over. */
  readonly moves: boolean;
}

export const afterwards: readonly Afterwards[] = [
  { words: 'status', why: 'every metric against its target', moves: false },
  { words: 'diagnose latency', why: 'is it slow, and why', moves: false },
  { words: 'dr readiness', why: 'what blocks a failover, what slows it', moves: true },
  { words: 'dr drill --dry-run', why: 'a failover and the way back, rehearsed on a model', moves: true },
];

export const ownRunbooks = { command: 'nanoops help own-runbooks', why: 'what your team knows, as a runbook' } as const;
