/** Back to the primary region, once it is in step again. */
import { embed } from '../engine/embed.ts';
import { runbook } from '../engine/runbook.ts';
import { settled } from '../engine/step.ts';
import { decide, notify, type RunbookConclusion, type RunbookSettings } from './kit.ts';
import { move } from './move.ts';
import { back, backResult, holdOver } from './move/back.ts';
import {
  leftByAbort,
  leftText,
  notesOf,
  outcomeMessage,
  outcomeText,
  recordOf,
  verdictFor,
} from './move/concluding.ts';
import { moveOf } from './move/settings.ts';

/** The settings of a failback lead from the recovery region to the primary one already. */
const part = embed(back, {
  prefix: 'failback-',
  settings: (settings: RunbookSettings) => settings,
  where: (inner) => (inner === 'from' ? 'recovery' : inner === 'to' ? 'primary' : inner),
});
const result = part.of(backResult);
const hold = part.of(holdOver);

const conclusion = decide('conclusion', {
  title: 'In short',
  needs: { result: settled(result), hold: settled(hold) },
  run: ({ result: found, hold: held }, { settings }): RunbookConclusion => {
    if (!found.known) {
      const reason = held.known ? found.reason : held.reason;
      return {
        verdict: held.known || held.because === 'unknown' ? 'unknown' : 'attention',
        judgesRehearsal: true,
        causes: [],
        notes: [reason],
        nextSteps: ['nanoops dr history'],
      };
    }
    const moving = moveOf(settings);
    const mode = moving.isRehearsal ? 'dry-run' : 'execute';
    const told = recordOf(found.value, moving, 'failback', mode);
    return {
      verdict: verdictFor(told, found.value, mode),
      judgesRehearsal: true,
      causes: [],
      ...told,
      notes: notesOf(found.value, settings),
      nextSteps: told.recovery.blockers.length > 0 ? ['nanoops dr readiness'] : [],
    };
  },
  isUnknown: ({ verdict }) => verdict === 'unknown',
  detail: (concluded, settings) =>
    concluded.objectives === undefined || concluded.recovery === undefined
      ? (concluded.notes[0] ?? 'nothing could be concluded')
      : outcomeText({ objectives: concluded.objectives, recovery: concluded.recovery }, moveOf(settings).isRehearsal),
});

const tellOutcome = notify('tell-outcome', {
  title: 'Tell the team how it stands',
  needs: { result },
  skip: ({ result: { plan } }) => (plan.blockers.length > 0 ? 'nothing was changed' : undefined),
  message: ({ result: found }, settings) => outcomeMessage(found, settings, 'failback'),
});

const afterAbort = decide('after-abort', {
  title: 'What it leaves',
  needs: { result },
  run: ({ result: found }, { settings }) => leftByAbort(found, settings, 'failback'),
  detail: leftText,
});

export const regionFailback = runbook({
  id: 'region-failback',
  title: 'Region failback',
  summary: 'Back to the primary region: resynchronise, then switch over, never too early',
  steps: [...part.steps, tellOutcome, conclusion],
  conclusion,
  afterAbort,
  resources: move.resources,
});
