/** Everything that was looked at, put before the diagnosis; what comes out is short, and all that later steps know of it. */
import { confidenceText } from '../../cloud/quantity.ts';
import { diagnoseDatabase, type DatabaseDiagnosis } from '../../diagnosis/database/diagnose.ts';
import type { DatabasePicture } from '../../diagnosis/database/picture.ts';
import { isOwnTrouble, writerOf } from '../../diagnosis/database/statuses.ts';
import { countRestarts, loopWindowMs, restartsAllowed } from '../../diagnosis/crash-loop/restarts.ts';
import type { Known } from '../../diagnosis/known.ts';
import type { DatabaseEvent, StoppedTask } from '../../cloud/facts.ts';
import { settled, type NeedValues } from '../../engine/step.ts';
import { gapsIn, rootOf } from '../gaps.ts';
import { decide, type RunbookSettings } from '../kit.ts';
import { upToNow } from '../present.ts';
import {
  apiTraffic,
  connectionLimit,
  databaseEvents,
  databaseLoad,
  databaseState,
  errorLines,
  ingressRules,
  serviceState,
  stoppedTasks,
} from './observations.ts';

const looked = {
  errorLines: settled(errorLines),
  database: settled(databaseState),
  events: settled(databaseEvents),
  ingress: settled(ingressRules),
  databaseLoad: settled(databaseLoad),
  connectionLimit: settled(connectionLimit),
  traffic: settled(apiTraffic),
  service: settled(serviceState),
  stoppedTasks: settled(stoppedTasks),
};

type Looked = NeedValues<typeof looked>;

const titles = Object.fromEntries(Object.entries(looked).map(([name, need]) => [name, need.settled.title]));

function pictureOf({ stoppedTasks: _tasks, ...seen }: Looked, settings: RunbookSettings): DatabasePicture {
  const { site, service, window, lookedAt } = settings;
  const { events } = seen;
  const span = upToNow(window, lookedAt);
  const recent: Known<readonly DatabaseEvent[]> = events.known
    ? { known: true, value: events.value.filter(({ at }) => at >= span.from) }
    : events;
  return {
    ...seen,
    events: recent,
    window: span,
    region: site.region,
    names: { service: site.compute?.service ?? service, database: site.database?.cluster ?? 'the database' },
  };
}

/** What was not seen and could make a failover or a restore the wrong answer; a line each. */
function undecidedOf({ errorLines: log, database, events, ingress, service }: Looked): readonly string[] {
  const writer = database.known ? writerOf(database.value) : undefined;
  // A writer that RDS itself calls broken needs no log to say so.
  const isBroken = writer !== undefined && isOwnTrouble(writer);
  const decisive: readonly (readonly [string, Known<unknown>, boolean])[] = [
    ['the service\u2019s log', log, isBroken],
    ['the cluster\u2019s state', database, false],
    ['what RDS did to it', events, false],
    ['who is let in to it', ingress, isBroken],
    ['the service\u2019s own groups', service, isBroken],
  ];
  return decisive.flatMap(([what, known, isDispensable]) =>
    known.known || isDispensable ? [] : [`${what} is not known: ${rootOf(known.reason)}`],
  );
}

/** Tasks that crash while the database is away: a reader must not take the one for the other. */
function crashesOf(stopped: Known<readonly StoppedTask[]>, now: number): readonly string[] {
  if (!stopped.known) return [];
  const { latest } = countRestarts(stopped.value, now);
  if (latest <= restartsAllowed) return [];
  return [`tasks crash, too: ${latest} restarts in ${loopWindowMs / 60_000} min; see nanoops diagnose crash-loop`];
}

export interface Weighed extends DatabaseDiagnosis {
  /** What could not be looked at. */
  readonly gaps: readonly string[];
  readonly notes: readonly string[];
  readonly undecided: readonly string[];
  readonly nextSteps: readonly string[];
}

export const symptom = decide('symptom', {
  title: 'Can the service reach its database?',
  needs: looked,
  run: (seen, { settings }): Weighed => {
    const picture = pictureOf(seen, settings);
    return {
      ...diagnoseDatabase(picture),
      gaps: gapsIn(seen, titles),
      notes: crashesOf(seen.stoppedTasks, picture.window.to),
      undecided: undecidedOf(seen),
      nextSteps: [
        ...(settings.site.logs?.application === undefined
          ? ['add logs.application to nanoops.yaml: it tells whether connections fail, and how']
          : []),
        ...(settings.site.database === undefined
          ? ['add database.cluster to nanoops.yaml: it tells how the database is']
          : []),
      ],
    };
  },
  detail: ({ symptom: found }) => found.summary,
  isUnknown: ({ symptom: found }) => found.state === 'unknown',
});

export interface Diagnosis extends Weighed {
  /** When the diagnosis was made, epoch milliseconds. */
  readonly at: number;
}

export const diagnosis = decide('diagnosis', {
  title: 'What explains it',
  needs: { symptom },
  run: ({ symptom: weighed }, { settings }): Diagnosis => ({
    ...weighed,
    at: upToNow(settings.window, settings.lookedAt).to,
  }),
  detail: ({ causes: [first], symptom: found }) => {
    if (first !== undefined) return `${first.summary} (${confidenceText(first.confidence)})`;
    if (found.state === 'unknown') return 'it cannot be judged: whether connections fail is unknown';
    return found.state === 'ongoing' ? 'nothing found that explains it' : 'nothing to explain';
  },
  isUnknown: ({ symptom: found }) => found.state === 'unknown',
});

/** The reason not to act; undefined where this very cause is the likeliest, and it goes on. */
export function unlessLikeliest({ symptom: found, causes: [first] }: Diagnosis, id: string): string | undefined {
  if (found.state !== 'ongoing') return 'connections do not fail now';
  return first?.cause === id ? undefined : 'would not help against the likeliest cause';
}
