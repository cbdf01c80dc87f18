/** Is it a crash loop, is a deployment to blame, and what helps. */
import { describe, expect, test } from 'vitest';
import type { StoppedTask } from '../../../src/cloud/facts.ts';
import { diagnoseCrashLoop } from '../../../src/diagnosis/crash-loop/diagnose.ts';
import type { CrashLoopPicture } from '../../../src/diagnosis/crash-loop/picture.ts';
import { endMs, minutesAgo } from '../series.ts';
import { denied, deployment, known, lastLines, picture, record, revision, service, task, tasks } from './pictures.ts';

type Seen = Partial<CrashLoopPicture>;
const diagnosed = (seen: Seen) => diagnoseCrashLoop(picture(seen));
const first = (seen: Seen) => diagnosed(seen).causes[0];
const details = (list: readonly { readonly detail: string }[] = []): string =>
  list.map(({ detail }) => detail).join('; ');

const loop = [8, 6, 5, 4, 3, 2, 1];
const deployed: Seen = {
  stoppedTasks: known(tasks(loop)),
  deployments: known([record(10)]),
  service: known(service({ running: 1, deployments: [deployment({ createdAt: minutesAgo(10) })] })),
};
const undeployed: Seen = { stoppedTasks: known(tasks(loop)) };

describe('the symptom', () => {
  test('none on a healthy day', () => {
    expect(diagnosed({})).toEqual({
      symptom: { state: 'none', summary: 'no task crashed in the last hour; more than 3 in 5 min are a crash loop' },
      causes: [],
    });
  });

  test('none while a deployment or a scale-in replaces tasks', () => {
    const replaced = known(tasks(loop, { stopCode: 'ServiceSchedulerInitiated' }));
    expect(diagnosed({ ...deployed, stoppedTasks: replaced })).toMatchObject({
      symptom: { state: 'none' },
      causes: [],
    });
  });

  test('ongoing, since the first crash', () => {
    expect(diagnosed(undeployed).symptom).toEqual({
      state: 'ongoing',
      onset: minutesAgo(8),
      summary: '4 restarts in the last 5 min, for 8 min (more than 3 in 5 min are a crash loop)',
    });
  });

  test('over where tasks run again', () => {
    const { symptom } = diagnosed({ stoppedTasks: known(tasks([34, 33, 32, 31, 30])) });
    expect(symptom).toMatchObject({ state: 'over', onset: minutesAgo(34), endedAt: minutesAgo(30) });
    expect(symptom.summary).toContain('5 restarts in 5 min, 30 min ago');
  });

  test('ongoing where ECS merely tries less often', () => {
    const seen = { stoppedTasks: known(tasks([24, 23, 22, 21, 13, 6])), service: known(service({ running: 1 })) };
    expect(diagnosed(seen).symptom).toMatchObject({
      state: 'ongoing',
      onset: minutesAgo(24),
      summary: expect.stringContaining('only 1 of 3 tasks run, as ECS retries ever less often'),
    });
  });

  test('unknown where tasks could not be read', () => {
    expect(diagnosed({ ...deployed, stoppedTasks: denied() })).toEqual({
      symptom: { state: 'unknown', summary: 'whether tasks crash is unknown: not allowed' },
      causes: [],
    });
  });

  test('unknown where ECS tells too little of as many as would make a loop', () => {
    const vague = [...tasks([3, 2]), task('x', 1, { stopCode: undefined }), task('y', undefined)];
    expect(diagnosed({ stoppedTasks: known(vague) }).symptom).toMatchObject({ state: 'unknown' });
  });
});

describe('crash-loop', () => {
  test('is due to a deployment that began before the first crash, of the version that crashes', () => {
    expect(diagnosed(deployed).causes).toMatchObject([
      {
        rank: 1,
        cause: 'crash-loop',
        component: 'nano-api',
        summary: 'nano-api crashes since nano-api:42 was deployed',
        missing: [],
        help: { kind: 'roll-back', to: revision(40), summary: 'go back to nano-api:40, which ran before' },
      },
    ]);
    expect(first(deployed)?.confidence).toBeGreaterThan(0.9);
    expect(details(first(deployed)?.for)).toContain('a deployment began 2 min before the first crash');
  });

  test.each(['PENDING', 'IN_PROGRESS'])('is stopped while it rolls out (%s)', (status) => {
    expect(first({ ...deployed, deployments: known([record(10, { status })]) })?.help).toMatchObject({
      kind: 'stop-rollout',
      deployment: 'dep-42',
      to: revision(40),
      summary: 'stop the rollout of nano-api:42, which goes back to nano-api:40',
    });
  });

  test.each(['ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL'])(
    'is left to ECS where that goes back by itself (%s)',
    (status) => {
      expect(first({ ...deployed, deployments: known([record(10, { status })]) })?.help.kind).toBe('wait');
    },
  );

  test('needs nothing undone once it is over', () => {
    const over = { ...deployed, stoppedTasks: known(tasks([34, 33, 32, 31])), deployments: known([record(40)]) };
    const { symptom, causes } = diagnosed({ ...over, service: known(service()) });
    expect(symptom.state).toBe('over');
    expect(causes[0]).toMatchObject({ cause: 'crash-loop', help: { kind: 'wait' } });
  });

  test('goes back to the last version that was deployed with success, where the record names none', () => {
    const records = [
      record(10, { previousTaskDefinitions: [] }),
      record(500, { id: 'dep-41', status: 'ROLLBACK_SUCCESSFUL', taskDefinition: revision(41) }),
      record(900, { id: 'dep-39', taskDefinition: revision(39) }),
    ];
    expect(first({ ...deployed, deployments: known(records) })?.help).toMatchObject({ to: revision(39) });
  });

  test('pages where nobody knows what ran before', () => {
    const alone = known([record(10, { previousTaskDefinitions: [] })]);
    expect(first({ ...deployed, deployments: alone })?.help).toMatchObject({ kind: 'page' });
  });

  test('a single earlier crash of the version before does not hide the deployment', () => {
    const early = task('early', 14, { taskDefinition: revision(40) });
    expect(first({ ...deployed, stoppedTasks: known([early, ...tasks(loop)]) })).toMatchObject({ cause: 'crash-loop' });
  });

  test('is known by timing alone where ECS does not tell versions, and says so', () => {
    const untold = known(tasks(loop, { taskDefinition: undefined }));
    const found = first({ ...deployed, stoppedTasks: untold });
    expect(found).toMatchObject({ cause: 'crash-loop' });
    expect(found?.confidence).toBeLessThan(first(deployed)?.confidence ?? 0);
    expect(details(found?.missing)).toContain('which version the crashed tasks ran is not known');
  });

  test('is known by the service where deployments could not be read, and says so', () => {
    const found = first({ ...deployed, deployments: denied() });
    expect(found).toMatchObject({ cause: 'crash-loop' });
    expect(details(found?.missing)).toContain('not allowed');
  });
});

describe('crash-loop-without-deployment', () => {
  const only = (seen: Seen) => {
    const { causes } = diagnosed(seen);
    expect(causes.map(({ cause }) => cause)).toEqual(['crash-loop-without-deployment']);
    return causes[0];
  };

  test('where the last deployment is long past: page', () => {
    expect(only(undeployed)).toMatchObject({
      component: 'nano-api',
      summary: 'nano-api crashes, and no deployment explains it: 7 tasks ended with an error (exit code 1)',
      help: { kind: 'page' },
      missing: [],
    });
  });

  test.each<[string, Seen]>([
    ['the deployment began after the first crash', { deployments: known([record(7)]), service: known(service()) }],
    [
      'older tasks crash, not those of the new version',
      { stoppedTasks: known(tasks(loop, { taskDefinition: revision(40) })) },
    ],
    [
      'the version before crashed as well',
      {
        stoppedTasks: known([...tasks([30, 25, 20, 18, 16, 14], { taskDefinition: revision(40) }), ...tasks(loop)]),
        deployments: known([record(10)]),
      },
    ],
  ])('where %s', (_what, more) => {
    const found = diagnosed({ ...deployed, ...more }).causes.find(({ cause }) => cause === 'crash-loop');
    expect(found?.confidence ?? 0).toBeLessThan(first(deployed)?.confidence ?? 0);
  });

  test('is not claimed with certainty where deployments could not be read', () => {
    const found = only({ ...undeployed, deployments: denied(), service: denied() });
    expect(found?.confidence).toBeLessThanOrEqual(0.5);
    expect(found?.summary).toContain('whether a deployment explains it is not known');
    expect(details(found?.missing)).toContain('not allowed');
  });

  test.each<[string, Partial<StoppedTask>, string]>([
    [
      'memory',
      {
        containers: [{ name: 'api', exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }],
      },
      '7 tasks killed for using more memory than they have',
    ],
    [
      'a kill',
      { containers: [{ name: 'api', exitCode: 137 }] },
      '7 tasks killed (exit code 137), most often for their memory',
    ],
    [
      'a fault',
      { containers: [{ name: 'api', exitCode: 139 }] },
      '7 tasks crashed with a segmentation fault (exit code 139)',
    ],
    [
      'the end of their work',
      { containers: [{ name: 'api', exitCode: 0 }] },
      '7 tasks ended by themselves with exit code 0, as if their work were done',
    ],
    [
      'their image',
      {
        stopCode: 'TaskFailedToStart',
        reason: 'CannotPullContainerError: pull image manifest has been retried 5 time(s): not found',
        containers: [{ name: 'api' }],
      },
      '7 tasks did not start: their image could not be pulled: CannotPullContainerError: pull image manifest has been retried 5 time(s): not found',
    ],
    [
      'their secrets',
      {
        stopCode: 'TaskFailedToStart',
        reason:
          'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: AccessDeniedException',
        containers: [],
      },
      '7 tasks did not start: their secrets could not be read: ResourceInitializationError: unable to pull secrets',
    ],
    [
      'their log group',
      {
        stopCode: 'TaskFailedToStart',
        reason: 'ResourceInitializationError: failed to validate logger args',
        containers: [],
      },
      '7 tasks did not start: what they need could not be prepared: ResourceInitializationError: failed to validate logger args',
    ],
  ])('says that it is %s', (_what, more, expected) => {
    expect(only({ stoppedTasks: known(tasks(loop, more)) })?.summary).toContain(expected);
  });
});

describe('last words', () => {
  const stopped = tasks(loop);
  const seen = (message: (index: number) => string): Seen => ({
    ...undeployed,
    errorLines: known(lastLines(stopped, message)),
  });

  test('that differ in numbers only are told once, with how many tasks said them', () => {
    const found = first(seen((index) => `ERROR KeyError: 'SETTING_${index}' at 0x7f${index}`));
    expect(details(found?.for)).toContain(`last words of 7 tasks: ERROR KeyError: 'SETTING_6' at 0x7f6`);
  });

  test('are the exception of a trace, without what else was logged', () => {
    const trace = `Traceback (most recent call last):\n  File "app.py", line 3, in <module>\nModuleNotFoundError: No module named 'nano'`;
    const found = first(
      seen(() => JSON.stringify({ level: 'ERROR', user: 'ada', message: 'boot failed', exc_info: trace })),
    );
    expect(found?.summary).toContain(`last words: ModuleNotFoundError: No module named 'nano'`);
    expect(JSON.stringify(found)).not.toContain('ada');
  });

  test('that blame the database clear the deployment', () => {
    const refused = `ERROR OperationalError: (2003, "Can't connect to MySQL server on 'nano-db' (timed out)")`;
    const words = { errorLines: known(lastLines(stopped, () => refused)) };
    const before = first(deployed)?.confidence ?? 0;
    const found = diagnosed({ ...deployed, ...words }).causes.find(({ cause }) => cause === 'crash-loop');
    expect(found?.confidence ?? 0).toBeLessThan(before);
    expect(details(first({ ...undeployed, ...words })?.for)).toContain('blame the database, not the service');
  });

  test('of other tasks, or of long before, are not taken for theirs', () => {
    const others = lastLines(tasks([1.5]), () => 'ERROR unrelated');
    const early = {
      ...others,
      lines: others.lines.map((line) => ({ ...line, stream: 'ecs/api/task1', at: endMs - 3_000_000 })),
    };
    expect(details(first({ ...undeployed, errorLines: known(others) })?.for)).not.toContain('last words');
    expect(details(first({ ...undeployed, errorLines: known(early) })?.for)).not.toContain('last words');
  });

  test('that could not be read are missing', () => {
    expect(details(first({ ...undeployed, errorLines: denied() })?.missing)).toBe('not allowed');
  });
});
