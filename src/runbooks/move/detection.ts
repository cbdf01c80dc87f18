/**
 * Is the region that is left gone, and since when? Told from outside (the public name), by what is missing (nothing of its
 * control plane answers), and by what still comes from it (replicated writes). Never by the region's own word alone.
 */
import { settled, type Settled } from '../../engine/step.ts';
import { decide } from '../kit.ts';
import type { ReplicationLag } from '../../cloud/recovery-facts.ts';
import {
  behindText,
  oldDatabase,
  oldService,
  oldTraffic,
  declared,
  outside,
  replicationLag,
  type Probed,
} from './observations.ts';
import { moveOf } from './settings.ts';

const minuteMs = 60_000;
/** Writes that are newer than this come from a writer that lives. */
const freshLagMs = 30_000;
/** A point that old says nothing of now. */
const freshPointMs = 5 * minuteMs;

export interface Detection {
  /**
   * - `well`: it answers, inside and outside.
   * - `down`: nothing of it answers.
   * - `cut-off`: nothing of it answers, and its database goes on taking writes.
   * - `impaired`: some of it answers.
   * - `unknown`: nothing could be told.
   */
  readonly state: 'well' | 'down' | 'cut-off' | 'impaired' | 'unknown';
  /** Epoch milliseconds. */
  readonly outageAt?: number;
  readonly outageBasis: 'declared' | 'given' | 'probe' | 'unknown';
  readonly detectedAt: number;
  /** A line each. */
  readonly evidence: readonly string[];
}

interface Seen {
  readonly outside: Settled<readonly Probed[]>;
  readonly oldService: Settled<unknown>;
  readonly oldDatabase: Settled<unknown>;
  readonly oldTraffic: Settled<{ readonly errorShare?: number | undefined }>;
  readonly lag: Settled<ReplicationLag>;
}

/** How the region's own control plane stood when it was asked. */
function insideOf({ oldService: service, oldDatabase: database, oldTraffic: traffic }: Seen) {
  const asked = [service, database, traffic].filter((each) => each.known || each.because !== 'skipped');
  const answered = asked.filter(({ known }) => known).length;
  const silent = asked.filter(
    (each) => !each.known && ['unreachable', 'deadline', 'service-fault'].includes(each.errorClass ?? ''),
  ).length;
  return { asked: asked.length, answered, silent };
}

/** True where writes of the last moments, and of after the outage began, keep arriving: somebody goes on writing there. */
function isStillWriting(lag: Seen['lag'], now: number, outageAt: number | undefined): boolean {
  if (!lag.known) return false;
  const newest = lag.value.lag.points.at(-1);
  if (newest === undefined || now - newest.at >= freshPointMs || newest.value >= freshLagMs) return false;
  return outageAt === undefined || newest.at - newest.value > outageAt;
}

export function detectionOf(
  seen: Seen,
  told: {
    readonly isDrill: boolean;
    /** Epoch milliseconds: when the outage began, where somebody said so, and when somebody asked for the move. */
    readonly outageAt?: number | undefined;
    readonly askedAt: number;
    readonly now: number;
  },
): Detection {
  const { now } = told;
  const inside = insideOf(seen);
  const probed = seen.outside.known ? seen.outside.value : [];
  const good = probed.filter(({ ok }) => ok).length;
  const isOutsideBad = probed.length > 0 && good === 0;
  const isOutsideGood = probed.length > 0 && good === probed.length;
  const isSilent = inside.asked > 0 && inside.answered === 0 && inside.silent === inside.asked;
  const firstBad = probed.find(({ ok }) => !ok);
  const writes = isStillWriting(seen.lag, now, told.outageAt ?? firstBad?.at);
  const errorShare = seen.oldTraffic.known ? (seen.oldTraffic.value.errorShare ?? 0) : 0;
  const isWell = inside.answered === inside.asked && inside.asked > 0 && errorShare < 0.05;
  const state = stateOf();
  const outage =
    told.outageAt === undefined
      ? firstBad === undefined || state === 'well'
        ? // Nothing is seen to be out: whoever asks for the move declares it.
          ({ outageAt: told.askedAt, outageBasis: 'declared' } as const)
        : ({ outageAt: firstBad.at, outageBasis: 'probe' } as const)
      : ({ outageAt: told.outageAt, outageBasis: told.isDrill ? 'declared' : 'given' } as const);
  return { state, ...outage, detectedAt: now, evidence: evidenceOf() };

  function stateOf(): Detection['state'] {
    if (probed.length === 0 && inside.asked === 0) return 'unknown';
    if (isSilent && (isOutsideBad || probed.length === 0)) return writes ? 'cut-off' : 'down';
    if (isWell && (isOutsideGood || probed.length === 0)) return 'well';
    // Whoever was not let in has seen nothing.
    if (inside.answered === 0 && inside.silent < inside.asked && good === 0) return 'unknown';
    return 'impaired';
  }

  function evidenceOf(): readonly string[] {
    const newest = seen.lag.known ? seen.lag.value.lag.points.at(-1) : undefined;
    const stopped =
      newest === undefined || newest.value < minuteMs || state === 'well' ? undefined : newest.at - newest.value;
    return [
      probed.length === 0
        ? 'from outside: not asked, since api.probeUrl is not configured'
        : `from outside: ${good} of ${probed.length} probes were answered (${probed.at(-1)?.detail ?? ''})`,
      inside.asked === 0
        ? 'inside: nothing is configured that could be asked'
        : `inside: ${inside.answered} of ${inside.asked} questions were answered`,
      newest === undefined
        ? 'its writes: how far they were copied is not reported'
        : `its writes: the copy was ${behindText(newest.value)} behind at ${new Date(newest.at).toISOString().slice(11, 16)} UTC`,
      ...(state === 'cut-off' ? ['its database goes on taking writes: two writers are possible'] : []),
      ...(stopped === undefined || told.outageAt !== undefined
        ? []
        : [
            `the copy stopped at ${new Date(stopped).toISOString().slice(11, 16)} UTC: if the outage began then, say so (--since ${new Date(stopped).toISOString().slice(0, 16)}Z), and RTO counts from there`,
          ]),
    ];
  }
}

export const detection = decide('detect', {
  title: 'Is the region gone',
  needs: {
    outside: settled(outside),
    oldService: settled(oldService),
    oldDatabase: settled(oldDatabase),
    oldTraffic: settled(oldTraffic),
    lag: settled(replicationLag),
    declared: settled(declared),
  },
  run: (seen, { settings, now }): Detection => {
    const { isDrill, outageAt } = moveOf(settings);
    const declaredAt = seen.declared.known ? seen.declared.value.at : undefined;
    return detectionOf(seen, {
      isDrill,
      outageAt: isDrill ? declaredAt : outageAt,
      askedAt: settings.lookedAt,
      now,
    });
  },
  // The outage goes on while a run waits for somebody. One that was seen in another way is another one.
  again: (present, first) =>
    present.outageBasis === first.outageBasis && first.outageAt !== undefined
      ? { ...present, outageAt: first.outageAt, detectedAt: first.detectedAt }
      : present,
  isUnknown: ({ state }) => state === 'unknown',
  detail: ({ state, outageAt, outageBasis }, settings) => {
    const { from } = moveOf(settings);
    const at = outageAt === undefined ? '' : ` ${new Date(outageAt).toISOString().slice(11, 19)} UTC`;
    const bases = {
      declared: `; it counts as gone since${at}`,
      given: `; gone since${at}, as was said`,
      probe: `; gone since${at}, the first failed probe`,
      unknown: '',
    } as const;
    return `${from.region} is ${stateWords[state]}${bases[outageBasis]}`;
  },
});

const stateWords = {
  well: 'well',
  down: 'down: nothing of it answers',
  'cut-off': 'cut off, and goes on taking writes',
  impaired: 'impaired: some of it answers',
  unknown: 'in an unknown state',
} as const satisfies Record<Detection['state'], string>;
