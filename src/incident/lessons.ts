/** What to ask when it is over, by what went slowly, was missed or is not known. Questions: who was there has the answers. */
import type { Impact } from './impact.ts';
import { lengthOf } from './length.ts';
import type { Standing } from './standing.ts';

const minuteMs = 60_000;
/** What began so shortly after a deployment may have to do with it. */
const suspiciousMs = 60 * minuteMs;

export function questionsOf(standing: Standing, impact: Impact): readonly string[] {
  const { incident, runs, times, checklist, cause, beganAt } = standing;
  const { evidence, reopenings, actions } = incident;
  const late = (id: string): string | undefined => {
    const item = checklist.find((each) => each.id === id);
    return item?.lateMs === undefined ? undefined : lengthOf(item.lateMs);
  };
  const asked = (condition: boolean, question: string): readonly string[] => (condition ? [question] : []);
  const missed = checklist.filter(({ id, status }) => id.startsWith('update-') && status === 'missed').length;
  const sawAlarms = evidence !== undefined && !evidence.gaps.some((gap) => gap.startsWith('alarms'));
  const fired = evidence?.alarms.filter(({ to }) => to === 'alarm') ?? [];
  const start = beganAt ?? incident.detectedAt;
  const deployed = evidence?.deployments.findLast(
    ({ startedAt }) => startedAt <= start && startedAt > start - suspiciousMs,
  );
  const inVain = runs.filter(({ helped, changes }) => helped === false && changes.length > 0);
  return [
    ...asked(beganAt === undefined, 'When did it begin? Nobody knows: what would have shown it?'),
    ...asked(
      (times.detectMs ?? 0) > 2 * minuteMs,
      `It went on for ${lengthOf(times.detectMs ?? 0)} before anybody noticed. What would have told earlier?`,
    ),
    ...asked(sawAlarms && fired.length === 0, 'No alarm fired. Which one should have?'),
    ...asked(
      deployed !== undefined,
      `A deployment (${deployed?.version ?? deployed?.service ?? ''}) began ${lengthOf(start - (deployed?.startedAt ?? start))} before it. Would a test, or a slower rollout, have caught it?`,
    ),
    ...asked(
      late('acknowledge') !== undefined,
      `It was taken ${late('acknowledge') ?? ''} later than it should. What kept the page from reaching somebody?`,
    ),
    ...asked(
      late('diagnose') !== undefined,
      `The cause was named ${late('diagnose') ?? ''} late. What had to be known for it, and was hard to see?`,
    ),
    ...asked(
      late('mitigate') !== undefined,
      `It was mitigated ${late('mitigate') ?? ''} late. What would have helped sooner, and could be prepared?`,
    ),
    ...asked(late('resolve') !== undefined, `It was over ${late('resolve') ?? ''} late. What took the time?`),
    ...asked(
      missed > 0,
      `${missed === 1 ? 'A status update was' : `${missed} status updates were`} missed. Who speaks next time?`,
    ),
    ...asked(reopenings.length > 0, 'It was taken for over, and was not. What would have shown that?'),
    ...inVain.map(({ runbook }) => `What ${runbook} did helped nothing. What did it take for the cause, and why?`),
    ...asked(runs.length === 0, 'Everything was done by hand. Which runbook should there be?'),
    ...asked(cause === undefined, 'Nobody has named a cause. What is missing to find it?'),
    ...asked(
      cause !== undefined && !cause.confirmed,
      'The cause is a hypothesis. What would confirm it, or rule it out?',
    ),
    ...asked(impact.users === null, 'How many users felt it? Nobody counted: what could?'),
    ...asked(actions.length === 0, 'What is to be done so that it does not happen again? There is no action item yet.'),
    'What went well, and should stay so?',
    'Where did we have luck?',
  ];
}
