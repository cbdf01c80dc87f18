/**
 * The incidents of a team: finds one by what somebody types, and writes what happens to it. Two who write at once lose
 * nothing: whoever was second looks again, decides anew and writes behind the first.
 */
import type { Digest } from '../../engine/change.ts';
import type { Random } from '../../engine/clock.ts';
import { faultsOf, recordOf } from '../../engine/journal.ts';
import { StateError, type JournalRecord, type JournalStore } from '../../engine/journal-store.ts';
import { NanoopsError } from '../../errors.ts';
import type { IncidentEvent, IncidentEventBody } from '../../incident/events.ts';
import { idsFor, meantBy } from '../../incident/id.ts';
import { incidentOf, type Incident } from '../../incident/incident.ts';
import { misshapen } from '../event-shapes.ts';
import { incidentShapes, ofIncidents } from './event-shapes.ts';

type Store = JournalStore<IncidentEvent>;

/** `own`: where new ones are kept. */
export interface IncidentStores {
  readonly own: Store;
  readonly all: readonly Store[];
}

export interface BookTools {
  readonly stores: IncidentStores;
  /** Whose incidents these are, where a configuration tells; all are otherwise. */
  readonly stack?: { readonly service: string; readonly environment: string };
  /** Only those of this simulated world. */
  readonly scenario?: string;
  /** True where they are of the simulated AWS. */
  readonly isSimulated: boolean;
  readonly digest: Digest;
  readonly random: Random;
  readonly by: string;
  readonly wall: () => number;
}

/** An incident and where it is kept. */
export interface Found {
  readonly incident: Incident;
  readonly records: readonly JournalRecord<IncidentEvent>[];
  readonly store: Store;
}

/** An incident, or a store, that cannot be read. */
export interface Unread {
  readonly id: string;
  readonly error: StateError;
}

/** What is written at once; `at` is the incident's time. */
export type Written = IncidentEventBody & { readonly happenedAt?: number };

/** So often somebody else may be quicker, before it is told. */
const mostTries = 50;

export class IncidentBook {
  private readonly tools: BookTools;

  constructor(tools: BookTools) {
    this.tools = tools;
  }

  get isSimulated(): boolean {
    return this.tools.isSimulated;
  }

  get by(): string {
    return this.tools.by;
  }

  get wall(): number {
    return this.tools.wall();
  }

  /** Begins an incident under an id that nobody has. `at`: its time. */
  async begin(at: number, body: (id: string) => Written): Promise<Found> {
    const { stores, random, digest } = this.tools;
    for (const id of idsFor(at, random)) {
      const record = recordOf(this.event(body(id), 1, at), undefined, digest);
      try {
        await stores.own.append(id, [record]);
        return { incident: incidentOf([record.event]), records: [record], store: stores.own };
      } catch (error) {
        if (!(error instanceof StateError && error.kind === 'conflict')) throw error;
      }
    }
    throw new NanoopsError('every id of that day is taken', {
      code: 'TooManyIncidents',
      exitCode: 5,
      nextStep: 'nanoops incident list',
    });
  }

  /**
   * Writes what `decide` gives for the incident as it is, and what it is then. Nothing where that is nothing. `decide` is
   * asked again where somebody else wrote meanwhile, and may refuse by throwing.
   */
  async write(
    found: Found,
    now: (incident: Incident) => number,
    decide: (incident: Incident) => readonly Written[],
  ): Promise<Found> {
    const { digest } = this.tools;
    const { id } = found.incident;
    let current = found;
    for (let tries = 1; ; tries += 1) {
      const { incident, records, store } = current;
      const at = now(incident);
      const added: JournalRecord<IncidentEvent>[] = [];
      for (const body of decide(incident)) {
        const previous = added.at(-1) ?? records.at(-1);
        added.push(recordOf(this.event(body, records.length + added.length + 1, at), previous?.hash, digest));
      }
      if (added.length === 0) return current;
      try {
        await store.append(id, added);
        const all = [...records, ...added];
        return { incident: incidentOf(all.map(({ event }) => event)), records: all, store };
      } catch (error) {
        if (!(error instanceof StateError && error.kind === 'conflict') || tries === mostTries) throw error;
      }
      current = await this.read(store, id);
    }
  }

  /** The incident that somebody means; without a word, the only one that is not over. @throws NanoopsError `UnknownIncident`, `AmbiguousIncident`, `NoOpenIncident`, `SeveralOpen` */
  async find(text: string | undefined): Promise<Found> {
    return text === undefined ? this.onlyOpen() : this.named(text);
  }

  /** Every incident of this stack, the newest first, what could not be read, and the stores that are not there. */
  async all(): Promise<{
    readonly found: readonly Found[];
    readonly unread: readonly Unread[];
    readonly missing: readonly Unread[];
  }> {
    const { stores } = this.tools;
    const unread: Unread[] = [];
    const missing: Unread[] = [];
    const lists = await Promise.all(
      stores.all.map(async (store) => {
        const ids = await tolerant(store.name, unread, () => store.list(), missing);
        return Promise.all((ids ?? []).map((id) => tolerant(id, unread, () => this.read(store, id))));
      }),
    );
    const found = lists.flat().filter((each) => each !== undefined);
    return {
      found: found
        .filter(({ incident }) => this.isOurs(incident))
        .toSorted((a, b) => b.incident.openedWallAt - a.incident.openedWallAt),
      unread,
      missing,
    };
  }

  private async named(text: string): Promise<Found> {
    const { stores, isSimulated } = this.tools;
    const unread: Unread[] = [];
    const known = await Promise.all(
      stores.all.map(async (store) => {
        const ids = await tolerant(store.name, unread, () => store.list());
        return meantBy(text, ids ?? []).map((id) => ({ store, id }));
      }),
    );
    const meant = known.flat();
    const exact = meant.filter(({ id }) => id === text.trim().toLowerCase());
    const [first, second] = exact.length > 0 ? exact : meant;
    if (first === undefined) {
      const [failed] = unread;
      if (failed !== undefined) throw failed.error;
      throw new NanoopsError(
        `there is no incident ${JSON.stringify(text)}${isSimulated ? ' on the simulated AWS' : ''} in ${stores.all.map(({ name }) => name).join(' or ')}`,
        {
          code: 'UnknownIncident',
          exitCode: 2,
          details: [
            isSimulated
              ? 'those of the simulated AWS are apart from real ones: leave --sandbox out for these'
              : 'those of the simulated AWS are apart from real ones: add --sandbox for these',
          ],
          nextStep: `nanoops incident list${isSimulated ? ' --sandbox' : ''}`,
        },
      );
    }
    if (second !== undefined && second.id !== first.id) {
      throw new NanoopsError(`${JSON.stringify(text)} is the beginning of several incidents`, {
        code: 'AmbiguousIncident',
        exitCode: 2,
        details: meant.map(({ id }) => id),
        nextStep: 'type more of it, or all of it',
      });
    }
    return this.read(first.store, first.id);
  }

  private async onlyOpen(): Promise<Found> {
    const { found, unread } = await this.all();
    const open = found.filter(({ incident }) => incident.state !== 'resolved');
    const [first, second] = open;
    const [failed] = unread;
    // One that cannot be read may be the one that is meant.
    if (failed !== undefined && first === undefined) throw failed.error;
    if (first !== undefined && second === undefined) return first;
    const sandbox = this.tools.isSimulated ? ' --sandbox' : '';
    if (first === undefined) {
      throw new NanoopsError(`no incident is open${this.tools.isSimulated ? ' on the simulated AWS' : ''}`, {
        code: 'NoOpenIncident',
        exitCode: 2,
        details: found.slice(0, 3).map(({ incident }) => `${incident.id} is resolved: ${incident.title}`),
        nextStep: `name one of those that are over (nanoops incident list${sandbox}), or open one: nanoops incident open${sandbox}`,
      });
    }
    throw new NanoopsError(`${open.length} incidents are open: say which`, {
      code: 'SeveralOpen',
      exitCode: 2,
      details: open.map(({ incident }) => `${incident.id}  ${incident.severity}  ${incident.title}`),
      nextStep: `add its id, for example ${first.incident.id}; its word alone will do`,
    });
  }

  private isOurs({ service, environment, simulated }: Incident): boolean {
    const { stack, scenario } = this.tools;
    if (scenario !== undefined && simulated?.scenario !== scenario) return false;
    return stack === undefined || (stack.service === service && stack.environment === environment);
  }

  private async read(store: Store, id: string): Promise<Found> {
    const { records } = await store.read(id);
    const events = records.map(({ event }) => event);
    const fault = faultsOf(records, this.tools.digest)[0] ?? misshapen(events, incidentShapes, ofIncidents);
    if (events[0]?.type !== 'incident.opened' || fault !== undefined) {
      throw new StateError(
        'corrupt',
        `the journal of incident ${id} in ${store.name} ${fault === undefined ? 'does not begin with its opening' : `was altered: ${fault}`}`,
        'restore it from a backup, or open a new one and note there what is known: nanoops incident open',
      );
    }
    return { incident: incidentOf(events), records, store };
  }

  private event(body: Written, seq: number, at: number): IncidentEvent {
    const { by, isSimulated, wall } = this.tools;
    return { ...body, seq, at, ...(isSimulated ? { wallAt: wall() } : {}), by };
  }
}

async function tolerant<T>(
  id: string,
  unread: Unread[],
  ask: () => Promise<T>,
  missing: Unread[] = [],
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    // A table that was never created holds no incident.
    (error.kind === 'missing' ? missing : unread).push({ id, error });
    return undefined;
  }
}
