/** From what moves came to, to what a run says: objectives, verdict, the record for reports, notes and next steps. Pure. */
import { scalingKinds, suspensionNames } from '../../cloud/facts.ts';
import type {
  Message,
  MoveSettings,
  Objectives,
  PastMoves,
  RecoveryRecord,
  RunbookConclusion,
  RunbookSettings,
} from '../kit.ts';
import type { MoveResult } from './result.ts';
import { moveOf, pastMovesOf, spanText } from './settings.ts';
import {
  afterDecisionMs,
  basisOf,
  objectivesOf,
  phasesOf,
  predictedPhases,
  sumOf,
  type ObjectivesParts,
  type Phases,
} from './timing.ts';

const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());

export interface Concluded {
  readonly objectives: Objectives;
  readonly recovery: RecoveryRecord;
}

export function recordOf(
  result: MoveResult,
  move: MoveSettings,
  kind: RecoveryRecord['kind'],
  mode: 'dry-run' | 'execute',
): Concluded {
  const isDry = mode === 'dry-run';
  const modelled: Phases = phasesOf(result.moments);
  const isPossible = result.plan.blockers.length === 0;
  const past = pastMovesOf(move, result.plan.mode);
  const phases = isDry && isPossible ? predictedPhases(modelled, past) : modelled;
  const predictedRtoMs = !isPossible ? null : isDry ? sumOf(phases) : expectedRtoMs(result, past);
  const modelledLossMs = isDry ? result.stores.map(({ lossMs }) => lossMs ?? 0) : [];
  const predictedRpoMs =
    isPossible && result.expectedLossMs !== undefined ? Math.max(result.expectedLossMs, ...modelledLossMs) : null;
  const objectives = objectivesOf({
    move,
    mode,
    phases,
    stores: isDry ? result.stores.map((store) => ({ ...store, basis: `on the model: ${store.basis}` })) : result.stores,
    predictedRtoMs,
    predictedRpoMs,
    rests: restsOf(past, isDry),
  });
  return {
    objectives,
    recovery: {
      kind,
      mode: result.plan.mode,
      from: move.from.region,
      to: move.to.region,
      isSimulated: move.isSimulated,
      outageAt: iso(result.moments.outageAt),
      outageBasis: result.detection.outageBasis,
      decideBy: iso(result.decideBy),
      splitBrain: result.splitBrain,
      budget: result.budget.map((each) => ({
        ...each,
        measuredMs: isDry ? null : each.measuredMs,
        predictedMs: predictedPartMs(each.id, move, past) ?? (isDry ? each.measuredMs : null),
      })),
      consistency: isDry ? [] : result.consistency,
      blockers: result.plan.blockers,
      lessons: result.lessons,
    },
  };
}

/** The steps that make up a part of the minute budget, by their ids in the runbook whose steps these are. */
const stepsOfPart: Readonly<Record<string, readonly string[]>> = {
  database: ['promote-database', 'database-promoted'],
  dns: ['move-traffic', 'traffic-moved'],
  application: ['restart-application', 'application-restarted'],
};

/** By past runs; undefined where they do not tell. */
function predictedPartMs(part: string, { predictions }: MoveSettings, { phases }: PastMoves): number | undefined {
  if (part === 'detect' || part === 'decide') return phases[part]?.medianMs;
  const known = (stepsOfPart[part] ?? []).map((id) => predictions[id]?.medianMs);
  return known.length === 0
    ? undefined
    : known.reduce<number | undefined>(
        (sum, each) => (sum === undefined || each === undefined ? undefined : sum + each),
        0,
      );
}

/** What a dry run does not know from past moves it has from its model; a real one has the plan of minutes. */
function restsOf(past: PastMoves, isDry: boolean): ObjectivesParts['rests'] {
  const basis = basisOf(past);
  if (basis === 'plan') return { predictedFrom: isDry ? 'model' : 'plan' };
  const { rto, phases } = past;
  const runs = phases.execute?.runs;
  return {
    predictedFrom: basis,
    ...(runs === undefined ? {} : { predictedRuns: runs }),
    ...(rto?.p95Ms === undefined ? {} : { predictedP95Ms: rto.p95Ms }),
  };
}

/** What was expected when somebody had decided: until then as measured, from then on by past moves or the plan. */
function expectedRtoMs({ moments }: MoveResult, past: PastMoves): number | null {
  const { outageAt, decidedAt } = moments;
  return outageAt === undefined || decidedAt === undefined
    ? null
    : Math.max(0, decidedAt - outageAt) + afterDecisionMs(past, 'median');
}

/** Where two writers are possible: what stops those of the old region, now or once it answers again. */
export function fenceSteps(result: MoveResult, settings: RunbookSettings): readonly string[] {
  const { compute } = moveOf(settings).from;
  if (result.splitBrain === 'excluded' || compute === undefined) return [];
  const { region, cluster, service } = compute;
  return [
    // Where nobody scales the service, the first one is refused, without harm.
    `aws application-autoscaling register-scalable-target --region ${region} --service-namespace ecs --scalable-dimension ecs:service:DesiredCount --resource-id service/${cluster}/${service} --suspended-state ${scalingKinds.map((kind) => `${suspensionNames[kind]}=true`).join(',')}`,
    `aws ecs update-service --region ${region} --cluster ${cluster} --service ${service} --desired-count 0`,
  ];
}

/**
 * Of a move whose run was aborted: where two writers are possible, that they are, and what stops one; or that the old cluster is one on
 * its own. Undefined where one region writes.
 */
export function leftByAbort(
  result: MoveResult,
  settings: RunbookSettings,
  kind: RecoveryRecord['kind'],
): RunbookConclusion | undefined {
  const { from, to } = moveOf(settings);
  const alone = aloneText(result, settings);
  if (result.splitBrain === 'excluded' && alone === undefined) return undefined;
  return {
    verdict: 'attention',
    judgesRehearsal: true,
    causes: [],
    recovery: recordOf(result, moveOf(settings), kind, 'execute').recovery,
    notes: [
      alone ??
        `split brain is possible: the database was to change over to ${to.region}, which is not put back, and the writer in ${from.region} was not seen to be fenced`,
    ],
    nextSteps: [...fenceSteps(result, settings), 'nanoops dr readiness'],
  };
}

/** Of an old cluster that the move left a writer of its own, and whose application was stopped: what it still is. */
function aloneText({ plan, database, splitBrain }: MoveResult, settings: RunbookSettings): string | undefined {
  const { from } = moveOf(settings);
  const isParted = (plan.mode === 'detach' || plan.mode === 'promotion') && database !== 'not-sent';
  if (!isParted || splitBrain === 'possible') return undefined;
  return `${from.database?.cluster ?? 'the old cluster'} in ${from.region} is a writer still, on its own: no task of ${settings.service} runs there, and what anything else writes to it stays there`;
}

export function leftText(left: RunbookConclusion | undefined): string {
  return left?.notes[0] ?? 'one region writes';
}

/** A missed objective, a blocker, data that differs or an old writer that may go on needs attention; what was not measured is unknown. */
export function verdictFor(
  { objectives, recovery }: Concluded,
  result: MoveResult,
  mode: 'dry-run' | 'execute',
): RunbookConclusion['verdict'] {
  if (recovery.blockers.length > 0) return 'attention';
  const { rto, rpo } = objectives;
  if (mode === 'dry-run') {
    if (rto.wouldMeet === false || rpo.wouldMeet === false || recovery.splitBrain === 'possible') return 'attention';
    return rto.wouldMeet === null || rpo.wouldMeet === null ? 'unknown' : 'ok';
  }
  if (rto.met === false || rpo.met === false) return 'attention';
  if (recovery.consistency.some(({ ok }) => ok === false) || recovery.splitBrain === 'possible') return 'attention';
  return rto.met === null || rpo.met === null || !result.isVerified ? 'unknown' : 'ok';
}

/** The weightier of two verdicts. */
export function worse(
  one: RunbookConclusion['verdict'],
  other: RunbookConclusion['verdict'],
): RunbookConclusion['verdict'] {
  if (one === 'attention' || other === 'attention') return 'attention';
  return one === 'unknown' || other === 'unknown' ? 'unknown' : 'ok';
}

/** What else a reader must know, a line each. `isHome`: where the stack has come back since. */
export function notesOf(result: MoveResult, settings: RunbookSettings, isHome = false): readonly string[] {
  const { from } = moveOf(settings);
  if (isHome) return result.gaps;
  const alone = aloneText(result, settings);
  return [
    ...result.gaps,
    ...(alone === undefined ? [] : [alone]),
    ...(result.moments.decidedAt !== undefined && result.plan.mode === 'failover'
      ? [
          `when ${from.region} is back, Aurora makes its old cluster a secondary by itself; what it had not copied is in a snapshot then`,
        ]
      : []),
    ...(result.plan.undoable || result.moments.decidedAt === undefined ? [] : ['nothing of it is put back by itself']),
  ];
}

/**
 * A managed failover that sticks can be given up by taking the cluster out of the global database (Aurora User Guide,
 * "Performing manual failovers"). Whether it is time for that is for somebody to decide who sees both sides.
 */
export function detachAdvice(
  { plan, database }: MoveResult,
  settings: RunbookSettings,
): { readonly note: string; readonly command: string } | undefined {
  const { to } = moveOf(settings);
  const change = plan.database;
  if (change === undefined || change.input.kind !== 'failover' || database !== 'sent') return undefined;
  return {
    note: `where the failover does not end by itself, the cluster in ${to.region} can be taken out of the global database, with what it has (aws rds remove-from-global-cluster); it goes on alone then`,
    command: `aws rds remove-from-global-cluster --region ${to.region} --global-cluster-identifier ${change.input.globalCluster ?? ''} --db-cluster-identifier ${change.input.to.arn}`,
  };
}

/** The scenario's name, or the nearest to it, for what stands in the way. */
export function causesOf(result: MoveResult, { from }: MoveSettings): RunbookConclusion['causes'] {
  const { state, evidence } = result.detection;
  if (state === 'well' || state === 'unknown') return [];
  const causes = { down: 'region-down', 'cut-off': 'split-brain-risk', impaired: 'region-impaired' } as const;
  const words = {
    down: 'nothing of it answers',
    'cut-off': 'it is cut off, and goes on taking writes',
    impaired: 'some of it answers',
  } as const;
  return [
    {
      rank: 1,
      component: from.region,
      cause: causes[state],
      confidence: state === 'impaired' ? 0.7 : 0.9,
      summary: `${from.region}: ${words[state]}`,
      for: evidence.map((detail) => ({ source: 'nanoops:detect', region: from.region, detail })),
      against: [],
      missing: [],
    },
  ];
}

/** What the team is told once a move has ended. */
export function outcomeMessage(found: MoveResult, settings: RunbookSettings, kind: 'failover' | 'failback'): Message {
  const move = moveOf(settings);
  const told = recordOf(found, move, kind, move.isRehearsal ? 'dry-run' : 'execute');
  const again = kind === 'failback' ? ' again' : '';
  return {
    severity: found.isVerified ? 'info' : 'critical',
    title: `${settings.service} ${found.isVerified ? 'is served' : 'may not be served'} by ${move.to.region}${again}`,
    lines: [outcomeText(told), ...notesOf(found, settings)],
  };
}

/** In one line what the move came to, for notifications. */
export function outcomeText({ objectives, recovery }: Concluded, isRehearsal = false): string {
  const { rto, rpo } = objectives;
  const [blocker] = recovery.blockers;
  if (blocker !== undefined) return `nothing was moved: ${blocker}`;
  const told = (
    name: string,
    { measuredMs, predictedMs, targetMs }: Pick<Objectives['rto'], 'measuredMs' | 'predictedMs' | 'targetMs'>,
  ) => {
    const valueMs = isRehearsal ? predictedMs : measuredMs;
    const word = isRehearsal ? 'predicted' : 'measured';
    if (valueMs === null) return `${name} not ${word} of ${spanText(targetMs)}`;
    return `${name} ${isRehearsal ? 'predicted ' : ''}${spanText(valueMs)} of ${spanText(targetMs)}`;
  };
  return `${recovery.from} \u2192 ${recovery.to}: ${told('RTO', rto)}, ${told('RPO', rpo)}`;
}
