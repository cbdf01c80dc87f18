/**
 * A world as it can be kept and taken up again: its inventory, its clock's time, and how often each call was asked, on
 * which their latencies depend. Plain data. A world that is taken up answers as the one that was kept would have.
 */
import { z } from 'zod';
import { NanoopsError } from '../../errors.ts';
import type { WorldInventory } from './inventory.ts';
import type { World } from './world.ts';

/** The version of a snapshot's form. Any other one is refused. */
export const snapshotFormat = 2;

export interface WorldSnapshot {
  readonly format: number;
  readonly seed: number;
  /** The id of the scenario, or `captured` for a world that was seeded from a live stack. */
  readonly scenario: string;
  /** The present of the scenario, to which its times are relative; epoch milliseconds. */
  readonly startMs: number;
  /** The clock's time; epoch milliseconds. */
  readonly nowMs: number;
  readonly inventory: WorldInventory;
  /** How often each `service:Operation@region` was asked. */
  readonly asked: Readonly<Record<string, number>>;
}

/** The world as it is now; `asked` is what its gate has counted. */
export function snapshotOf(world: World, asked: ReadonlyMap<string, number> = new Map()): WorldSnapshot {
  const { inventory } = world;
  return {
    format: snapshotFormat,
    seed: inventory.seed,
    scenario: inventory.scenario,
    startMs: inventory.startMs,
    nowMs: world.now(),
    inventory,
    asked: Object.fromEntries(asked),
  };
}

const shape = z.object({
  format: z.number().int().min(1),
  seed: z.number(),
  scenario: z.string(),
  startMs: z.number(),
  nowMs: z.number(),
  inventory: z.looseObject({
    seed: z.number(),
    startMs: z.number(),
    scenario: z.string(),
    names: z.looseObject({}),
    primary: z.looseObject({ region: z.string(), tasks: z.array(z.unknown()), deployments: z.array(z.unknown()) }),
    recovery: z.looseObject({ region: z.string(), tasks: z.array(z.unknown()), deployments: z.array(z.unknown()) }),
    replication: z.looseObject({ moves: z.array(z.unknown()) }),
    traffic: z.looseObject({ records: z.array(z.unknown()), recordChanges: z.array(z.unknown()) }),
    faults: z.array(z.unknown()),
    happenings: z.array(z.unknown()),
    calls: z.array(z.unknown()),
  }),
  asked: z.record(z.string(), z.number()),
});

/**
 * The snapshot in a value that was read from somewhere, for example a file's JSON; `where` names it in errors.
 *
 * @throws NanoopsError `SnapshotNewer` for a format that only a newer nanoops knows, `SnapshotOlder` for one that this
 *   nanoops knows no more, `SnapshotInvalid` for what is none.
 */
export function parseSnapshot(value: unknown, where: string): WorldSnapshot {
  const format =
    typeof value === 'object' && value !== null && 'format' in value && typeof value.format === 'number'
      ? value.format
      : undefined;
  if (format !== undefined && format > snapshotFormat) {
    throw new NanoopsError(
      `The simulated world in ${where} was saved by a newer nanoops: it has format ${format}, this one knows format ${snapshotFormat}.`,
      {
        code: 'SnapshotNewer',
        exitCode: 2,
        nextStep: 'Use the newer nanoops, or begin a new world without the saved one.',
      },
    );
  }
  if (format !== undefined && Number.isInteger(format) && format < snapshotFormat) {
    throw new NanoopsError(
      `The simulated world in ${where} was saved by an older nanoops: it has format ${format}, this one knows format ${snapshotFormat}.`,
      {
        code: 'SnapshotOlder',
        exitCode: 2,
        nextStep: 'Begin a new world without the saved one; nothing real was in it.',
      },
    );
  }
  const parsed = shape.safeParse(value, { jitless: true });
  if (!parsed.success) {
    throw new NanoopsError(`What is saved in ${where} is no simulated world.`, {
      code: 'SnapshotInvalid',
      exitCode: 2,
      details: parsed.error.issues.map(
        (issue) => `${issue.path.map(String).join('.') || '(the whole of it)'}: ${issue.message}`,
      ),
      nextStep: 'Begin a new world without it; delete it if nobody needs it any more.',
      cause: parsed.error,
    });
  }
  // The rest of the inventory is as this program wrote it: its format is known, and nobody else writes it.
  return parsed.data as unknown as WorldSnapshot;
}
