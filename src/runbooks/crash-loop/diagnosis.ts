/** Everything that was looked at, put before the diagnosis; what comes out is short, and all that later steps know of it. */
import { confidenceText } from '../../cloud/quantity.ts';
import { diagnoseCrashLoop, type CrashLoopDiagnosis } from '../../diagnosis/crash-loop/diagnose.ts';
import { quantity } from '../../diagnosis/evidence.ts';
import { pointsIn } from '../../diagnosis/shift.ts';
import { settled, type NeedValues } from '../../engine/step.ts';
import { gapsIn } from '../gaps.ts';
import { decide, type RunbookSettings } from '../kit.ts';
import { upToNow } from '../present.ts';
import { deployments, errorLines, serviceState, stoppedTasks, targets, utilisation } from './observations.ts';

const looked = {
  stoppedTasks: settled(stoppedTasks),
  service: settled(serviceState),
  deployments: settled(deployments),
  errorLines: settled(errorLines),
  targets: settled(targets),
  utilisation: settled(utilisation),
};

type Looked = NeedValues<typeof looked>;

const titles = Object.fromEntries(Object.entries(looked).map(([name, need]) => [name, need.settled.title]));

export interface Diagnosis extends CrashLoopDiagnosis {
  /** When it was made, epoch milliseconds. */
  readonly at: number;
  /** What could not be looked at. */
  readonly gaps: readonly string[];
  readonly notes: readonly string[];
  readonly nextSteps: readonly string[];
}

export const symptom = decide('symptom', {
  title: 'Do tasks crash again and again?',
  needs: looked,
  run: (seen, { settings }): Diagnosis => {
    const { site, service, window, lookedAt } = settings;
    const { to: at } = upToNow(window, lookedAt);
    const { stoppedTasks: stopped, service: state, deployments: records, errorLines: log } = seen;
    return {
      ...diagnoseCrashLoop({
        at,
        region: site.region,
        names: { service: site.compute?.service ?? service },
        stoppedTasks: stopped,
        service: state,
        deployments: records,
        errorLines: log,
      }),
      at,
      gaps: gapsIn(seen, titles),
      notes: [...healthOf(seen), ...memoryOf(seen, settings)],
      nextSteps:
        site.compute === undefined
          ? ['add compute to nanoops.yaml: it tells which service\u2019s tasks to look at']
          : [],
    };
  },
  detail: ({ symptom: found }) => found.summary,
  isUnknown: ({ symptom: found }) => found.state === 'unknown',
});

export const diagnosis = decide('diagnosis', {
  title: 'What explains it',
  needs: { symptom },
  run: ({ symptom: found }): Diagnosis => found,
  detail: ({ causes: [first], symptom: found }) => {
    if (first !== undefined) return `${first.summary} (${confidenceText(first.confidence)})`;
    if (found.state === 'unknown') return 'it cannot be judged: whether tasks crash is unknown';
    return found.state === 'ongoing' ? 'nothing found that explains it' : 'nothing to explain';
  },
  isUnknown: ({ symptom: found }) => found.state === 'unknown',
});

/** Whether anybody is left to answer requests. */
function healthOf({ targets: found }: Looked): readonly string[] {
  if (!found.known) return [];
  const healthy = found.value.filter(({ state }) => state === 'healthy').length;
  return healthy === found.value.length ? [] : [`${healthy} of ${found.value.length} targets are healthy`];
}

/** From here on, tasks may be killed for their memory: by per cent of what they reserve. */
const tightMemory = 90;

function memoryOf({ utilisation: use }: Looked, { window }: RunbookSettings): readonly string[] {
  if (!use.known) return [];
  const recent = pointsIn(use.value.memoryMaximum, { from: window.to - 15 * 60_000, to: window.to });
  const most = Math.max(0, ...recent.map(({ value }) => value));
  return most < tightMemory ? [] : [`memory is at ${quantity(most, '%')} of what tasks reserve`];
}
