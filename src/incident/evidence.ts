/** What was seen of the stack around an incident, kept with it: logs expire after days, metrics and alarms later. */

export interface AlarmChange {
  readonly name: string;
  readonly region: string;
  readonly at: number;
  readonly to: 'ok' | 'alarm' | 'insufficient-data';
  readonly reason: string;
}

export interface SeenDeployment {
  readonly id: string;
  readonly service: string;
  readonly startedAt: number;
  readonly finishedAt?: number;
  /** `SUCCESSFUL`, `ROLLBACK_SUCCESSFUL`, …, as ECS says it. */
  readonly status: string;
  /** What it brought: `nano-api:61`. */
  readonly version?: string;
}

export interface DatabaseHappening {
  readonly at: number;
  readonly about: string;
  readonly message: string;
}

export interface KeptLine {
  readonly at: number;
  readonly stream: string;
  readonly message: string;
}

/** Some lines of a log, cleaned, and how long the log itself can still be read. */
export interface LogExcerpt {
  readonly group: string;
  readonly region: string;
  /** Oldest first. */
  readonly lines: readonly KeptLine[];
  /** True where there are more lines than these. */
  readonly isPart: boolean;
  /** Absent where it was not told; null where lines never expire. */
  readonly retentionDays?: number | null;
}

/** A metric, a value a minute. */
export interface KeptSeries {
  readonly id: 'latency-p99' | 'requests' | 'server-errors';
  readonly label: string;
  readonly unit: 's' | 'count';
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

export interface Evidence {
  /** The span that was looked at, epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly alarms: readonly AlarmChange[];
  readonly deployments: readonly SeenDeployment[];
  readonly database: readonly DatabaseHappening[];
  readonly logs: readonly LogExcerpt[];
  readonly series: readonly KeptSeries[];
  /** Daily active users, the newest value; absent where none is published. */
  readonly dailyActiveUsers?: number;
  /** What could not be seen, and why, a line each. */
  readonly gaps: readonly string[];
}

/** Several looks as one, each thing once: a later look knows more of what both saw. */
export function mergedEvidence(all: readonly Evidence[]): Evidence | undefined {
  const [first] = all;
  if (first === undefined) return undefined;
  const users = all.findLast(({ dailyActiveUsers }) => dailyActiveUsers !== undefined)?.dailyActiveUsers;
  return {
    from: Math.min(...all.map(({ from }) => from)),
    to: Math.max(...all.map(({ to }) => to)),
    alarms: byTime(
      latest(
        all.flatMap(({ alarms }) => alarms),
        ({ region, name, at }) => `${region} ${name} ${at}`,
      ),
    ),
    deployments: latest(
      all.flatMap(({ deployments }) => deployments),
      ({ id }) => id,
    ).toSorted((a, b) => a.startedAt - b.startedAt),
    database: byTime(
      latest(
        all.flatMap(({ database }) => database),
        ({ about, message, at }) => `${about} ${at} ${message}`,
      ),
    ),
    logs: mergedLogs(all.flatMap(({ logs }) => logs)),
    series: mergedSeries(all.flatMap(({ series }) => series)),
    ...(users === undefined ? {} : { dailyActiveUsers: users }),
    // What a later look saw is no gap any more.
    gaps: all.at(-1)?.gaps ?? [],
  };
}

/** When the first of the kept lines' logs expires; null where none does, undefined where that is not known. */
export function logsLiveUntil({ logs }: Evidence): number | null | undefined {
  const ends = logs.flatMap(({ lines, retentionDays }) => {
    const [oldest] = lines;
    if (oldest === undefined) return [];
    return retentionDays === undefined || retentionDays === null
      ? [retentionDays]
      : [oldest.at + retentionDays * dayMs];
  });
  const known = ends.filter((end): end is number => typeof end === 'number');
  if (known.length > 0) return Math.min(...known);
  return ends.includes(null) ? null : undefined;
}

const dayMs = 86_400_000;

function latest<T>(all: readonly T[], key: (each: T) => string): readonly T[] {
  return [...new Map(all.map((each) => [key(each), each])).values()];
}

function byTime<T extends { readonly at: number }>(all: readonly T[]): readonly T[] {
  return all.toSorted((a, b) => a.at - b.at);
}

function grouped<T>(all: readonly T[], key: (each: T) => string): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const each of all) {
    const group = groups.get(key(each));
    if (group === undefined) groups.set(key(each), [each]);
    else group.push(each);
  }
  return [...groups.values()];
}

function mergedLogs(all: readonly LogExcerpt[]): readonly LogExcerpt[] {
  return grouped(all, ({ region, group }) => `${region} ${group}`).map((excerpts) => {
    const lines = latest(
      excerpts.flatMap((each) => each.lines),
      ({ at, stream, message }) => `${at} ${stream} ${message}`,
    );
    // How long lines live was told by a look that could ask; a later one may not have been able to.
    const { retentionDays } = excerpts.findLast((each) => each.retentionDays !== undefined) ?? excerpts[0];
    return { ...excerpts[0], retentionDays, lines: byTime(lines), isPart: excerpts.some(({ isPart }) => isPart) };
  });
}

function mergedSeries(all: readonly KeptSeries[]): readonly KeptSeries[] {
  return grouped(all, ({ id }) => id).map((several) => ({
    ...several[0],
    points: byTime(
      latest(
        several.flatMap(({ points }) => points),
        ({ at }) => String(at),
      ),
    ),
  }));
}
