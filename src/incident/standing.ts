/** What an incident comes to with the runs that happened meanwhile: its times, its cause, what is still to be done. */
import { checklistOf, type ChecklistItem } from './checklist.ts';
import { earliest } from './earliest.ts';
import type { Incident, NamedCause } from './incident.ts';
import { hasChanged, newestOfEach, type RunBrief } from './runs.ts';
import { causeAt } from './timeline.ts';

export interface Standing {
  readonly incident: Incident;
  readonly now: number;
  /** Linked and found, in the order in which they began. */
  readonly runs: readonly RunBrief[];
  readonly beganAt?: number;
  /** Since T+0, and for `detectMs` since it began; milliseconds. Absent: not measured, or not yet. */
  readonly times: {
    readonly detectMs?: number;
    readonly acknowledgeMs?: number;
    readonly diagnoseMs?: number;
    readonly mitigateMs?: number;
    readonly resolveMs?: number;
  };
  readonly mitigatedAt?: number;
  readonly cause?: NamedCause;
  readonly checklist: readonly ChecklistItem[];
}

/** `found`: the runs that happened since it began, as their journals have them. */
export function standingOf(incident: Incident, found: readonly RunBrief[], now: number): Standing {
  const runs = newestOfEach([...incident.runs, ...found]);
  const looks = runs.filter(({ causes, mode }) => causes.length > 0 && mode !== 'dry-run');
  const first = looks[0];
  const newest = looks.at(-1);
  const helped = runs.findLast((run) => run.helped === true && hasChanged(run));
  const onsets = runs.flatMap(({ onset }) => (onset === undefined ? [] : [onset]));
  const beganAt = incident.beganAt ?? (onsets.length === 0 ? undefined : Math.min(...onsets));
  const runDiagnosed = first === undefined ? undefined : Math.max(incident.detectedAt, causeAt(first));
  const diagnosedAt = earliest(incident.diagnosedAt, runDiagnosed);
  const reopenedAt = incident.reopenings.at(-1)?.at ?? 0;
  const runMitigated = helped !== undefined && helped.endedAt > reopenedAt ? helped.endedAt : undefined;
  const mitigatedAt = earliest(incident.mitigatedAt, runMitigated, incident.resolvedAt);
  const since = (at: number | undefined): number | undefined =>
    at === undefined ? undefined : Math.max(0, at - incident.detectedAt);
  return {
    incident,
    now,
    runs,
    beganAt,
    times: {
      detectMs: beganAt === undefined ? undefined : Math.max(0, incident.detectedAt - beganAt),
      acknowledgeMs: since(incident.acknowledgedAt),
      diagnoseMs: since(diagnosedAt),
      mitigateMs: since(mitigatedAt),
      resolveMs: since(incident.resolvedAt),
    },
    mitigatedAt,
    cause: incident.cause ?? (newest === undefined ? undefined : hypothesisOf(newest)),
    checklist: checklistOf(incident, now, { diagnosedAt: runDiagnosed, mitigatedAt: runMitigated }),
  };
}

/** A diagnosis names what is likeliest: nobody has confirmed it. */
function hypothesisOf(run: RunBrief): NamedCause | undefined {
  const [cause] = run.causes;
  if (cause === undefined) return undefined;
  return { summary: cause.summary, confirmed: false, basis: `run ${run.runId}`, at: causeAt(run) };
}
