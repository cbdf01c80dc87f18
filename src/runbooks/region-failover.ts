/** The primary region is gone, or is to be left: the recovery region takes over. */
import { embed } from '../engine/embed.ts';
import { runbook } from '../engine/runbook.ts';
import { settled } from '../engine/step.ts';
import { decide, notify, type RunbookConclusion } from './kit.ts';
import { move } from './move.ts';
import {
  causesOf,
  detachAdvice,
  fenceSteps,
  leftByAbort,
  leftText,
  notesOf,
  outcomeMessage,
  outcomeText,
  recordOf,
  verdictFor,
} from './move/concluding.ts';
import { moveResult } from './move/result.ts';
import { moveOf } from './move/settings.ts';

const part = embed(move, {
  prefix: '',
  settings: (settings: Parameters<typeof moveOf>[0]) => settings,
  where: (inner) => (inner === 'from' ? 'primary' : inner === 'to' ? 'recovery' : inner),
});
const result = part.of(moveResult);

const conclusion = decide('conclusion', {
  title: 'In short',
  needs: { result: settled(result) },
  run: ({ result: found }, { settings }): RunbookConclusion => {
    if (!found.known) {
      return { verdict: 'unknown', judgesRehearsal: true, causes: [], notes: [found.reason], nextSteps: [] };
    }
    const moving = moveOf(settings);
    const mode = moving.isRehearsal ? 'dry-run' : 'execute';
    const told = recordOf(found.value, moving, 'failover', mode);
    const givenUp = detachAdvice(found.value, settings);
    const moved = found.value.moments.executedAt !== undefined && !moving.isRehearsal;
    return {
      verdict: verdictFor(told, found.value, mode),
      judgesRehearsal: true,
      causes: causesOf(found.value, moving),
      ...told,
      ...(moved && found.value.isVerified ? { outcome: { helped: true, summary: outcomeText(told) } } : {}),
      notes: [...notesOf(found.value, settings), ...(givenUp === undefined ? [] : [givenUp.note])],
      nextSteps: [
        ...(moving.isRehearsal ? [] : fenceSteps(found.value, settings)),
        ...(givenUp === undefined ? [] : [givenUp.command]),
        ...(moved ? ['nanoops dr failback --dry-run'] : []),
        ...(told.recovery.blockers.length > 0 ? ['nanoops dr readiness'] : []),
      ],
    };
  },
  isUnknown: ({ verdict }) => verdict === 'unknown',
  detail: (concluded, settings) =>
    concluded.objectives === undefined || concluded.recovery === undefined
      ? 'nothing could be concluded'
      : outcomeText({ objectives: concluded.objectives, recovery: concluded.recovery }, moveOf(settings).isRehearsal),
});

const tellOutcome = notify('tell-outcome', {
  title: 'Tell the team how it stands',
  needs: { result },
  skip: ({ result: { plan } }) => (plan.blockers.length > 0 ? 'nothing was changed' : undefined),
  message: ({ result: found }, settings) => outcomeMessage(found, settings, 'failover'),
});

const afterAbort = decide('after-abort', {
  title: 'What it leaves',
  needs: { result },
  run: ({ result: found }, { settings }) => leftByAbort(found, settings, 'failover'),
  detail: leftText,
});

export const regionFailover = runbook({
  id: 'region-failover',
  title: 'Region failover',
  summary: 'The recovery region takes over: database, capacity, application, traffic, timed against RTO and RPO',
  steps: [...part.steps, tellOutcome, conclusion],
  conclusion,
  afterAbort,
  resources: move.resources,
});
