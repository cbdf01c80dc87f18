/** From a picture to an answer: do tasks crash again and again, is a deployment to blame, and what helps. */
import { Balance, evidence, type Evidence } from '../evidence.ts';
import { valueOf, type Known } from '../known.ts';
import type { RankedCause } from '../known-causes.ts';
import { byCodeUnit } from '../statistics.ts';
import { ageText } from '../incident.ts';
import type { ConnectionErrorKind } from '../database/connection-errors.ts';
import { blameOf, type Blame } from './blame.ts';
import { exitsOf } from './exits.ts';
import { helpFor, type CrashLoopHelp } from './help.ts';
import { lastWordsOf, type LastWords } from './last-words.ts';
import type { CrashLoopPicture } from './picture.ts';
import { countRestarts, loopWindowMs, restartsAllowed, type Crash, type Restarts } from './restarts.ts';

const minuteMs = 60_000;

export interface CrashLoopSymptom {
  readonly state: 'ongoing' | 'over' | 'none' | 'unknown';
  /** Epoch milliseconds of the loop's first crash that ECS still shows. */
  readonly onset?: number;
  /** Epoch milliseconds of its last crash, where it is over. */
  readonly endedAt?: number;
  readonly summary: string;
}

export interface CrashLoopCause extends RankedCause {
  readonly help: CrashLoopHelp;
}

export interface CrashLoopDiagnosis {
  readonly symptom: CrashLoopSymptom;
  readonly causes: readonly CrashLoopCause[];
}

const reads = {
  tasks: 'ecs:DescribeTasks',
  service: 'ecs:DescribeServices',
  deployments: 'ecs:ListServiceDeployments',
  log: 'logs:FilterLogEvents',
} as const;

/** Less likely than this is not named. */
const leastConfidence = 0.5;

export function diagnoseCrashLoop(picture: CrashLoopPicture): CrashLoopDiagnosis {
  const stopped = valueOf(picture.stoppedTasks);
  if (stopped === undefined) {
    const reason = picture.stoppedTasks.known ? '' : picture.stoppedTasks.reason;
    return { symptom: { state: 'unknown', summary: `whether tasks crash is unknown: ${reason}` }, causes: [] };
  }
  const restarts = countRestarts(stopped, picture.at);
  const symptom = symptomOf(picture, restarts);
  if (restarts.loop === undefined) return { symptom, causes: [] };
  const blame = blameOf(picture, restarts.loop);
  const search = valueOf(picture.errorLines);
  const words = search === undefined ? [] : lastWordsOf(search, restarts.loop.crashes);
  const scene: Scene = { picture, symptom, crashes: restarts.loop.crashes, blame, words };
  const causes = [deployed(scene), undeployed(scene)]
    .filter((each) => each.confidence >= leastConfidence)
    .toSorted((a, b) => b.confidence - a.confidence || byCodeUnit(a.cause, b.cause))
    .map((each, index) => ({ rank: index + 1, ...each }));
  return { symptom, causes };
}

function symptomOf(picture: CrashLoopPicture, { latest, worst, state, loop, untold }: Restarts): CrashLoopSymptom {
  const limit = `more than ${restartsAllowed} in ${loopWindowMs / minuteMs} min are a crash loop`;
  const gap = untold === 0 ? '' : `; ECS tells too little of ${untold} more to count them`;
  if (loop === undefined) {
    const most = worst.count === 0 ? 'no task crashed in the last hour' : `at most ${worst.count} restarts in 5 min`;
    // Each of those that cannot be counted may be the one too many.
    if (worst.count + untold > restartsAllowed) return { state: 'unknown', summary: `${most}${gap}` };
    return { state: 'none', summary: `${most}; ${limit}${gap}` };
  }
  const service = valueOf(picture.service);
  const onset = loop.from;
  if (state === 'ongoing') {
    const since = ageText(picture.at - onset);
    return { state, onset, summary: `${latest} restarts in the last 5 min, for ${since} (${limit})${gap}` };
  }
  const past = `${worst.count} restarts in 5 min, ${ageText(picture.at - worst.window.to)} ago`;
  const last = `the last crash ${ageText(picture.at - loop.to)} ago`;
  // ECS starts what keeps failing ever less often: few restarts alone do not mean that it runs again.
  if (service !== undefined && service.running < service.desired) {
    const tasks = `${service.running} of ${service.desired} tasks run, as ECS retries ever less often`;
    return { state: 'ongoing', onset, summary: `${past}, ${last}, and only ${tasks}${gap}` };
  }
  return { state: 'over', onset, endedAt: loop.to, summary: `${past}, ${last}${gap}` };
}

interface Scene {
  readonly picture: CrashLoopPicture;
  readonly symptom: CrashLoopSymptom;
  readonly crashes: readonly Crash[];
  readonly blame: Blame;
  readonly words: readonly LastWords[];
}

/** Kinds that the database is to blame for, whichever version of the service runs. */
const ofDatabase: readonly string[] = ['unreachable', 'too-many-connections'] satisfies ConnectionErrorKind[];

/** The share of tasks whose last words blame the database. */
function databaseShare({ words, crashes }: Scene): number {
  const tasks = words
    .filter(({ about }) => about.some((kind) => ofDatabase.includes(kind)))
    .reduce((total, each) => total + each.tasks, 0);
  return crashes.length === 0 ? 0 : tasks / crashes.length;
}

function deployed(scene: Scene): Omit<CrashLoopCause, 'rank'> {
  const { blame, picture } = scene;
  const balance = new Balance();
  weighShare(scene, balance, 'deployed');
  weighTiming(scene, balance, 'deployed');
  weighPrevious(scene, balance);
  missUnread(scene, balance);
  if (databaseShare(scene) >= 0.5) {
    balance.oppose(
      3,
      seen(scene, reads.log, `the tasks' last words blame the database: ${scene.words[0]?.example ?? ''}`),
    );
  }
  const version = blame.version === undefined ? 'its newest version' : tail(blame.version);
  return caused(scene, balance, 'crash-loop', `${picture.names.service} crashes since ${version} was deployed`);
}

function undeployed(scene: Scene): Omit<CrashLoopCause, 'rank'> {
  const { picture, crashes, words } = scene;
  const balance = new Balance(0);
  weighShare(scene, balance, 'undeployed');
  weighTiming(scene, balance, 'undeployed');
  missUnread(scene, balance);
  if (databaseShare(scene) >= 0.5) {
    balance.favour(3, seen(scene, reads.log, 'the tasks\u2019 last words blame the database, not the service'));
  }
  const why = exitsOf(crashes)[0]?.summary;
  const said = words[0] === undefined ? '' : `; last words: ${words[0].example}`;
  const isTold = picture.deployments.known || picture.service.known;
  const deployment = isTold ? 'no deployment explains it' : 'whether a deployment explains it is not known';
  const summary = `${picture.names.service} crashes, and ${deployment}: ${why ?? ''}${said}`;
  return caused(scene, balance, 'crash-loop-without-deployment', summary);
}

type Side = 'deployed' | 'undeployed';

/** Speaks for one of the two, and by that against the other. */
function speak(balance: Balance, side: Side, speaksFor: Side, weight: number, what: Evidence): void {
  if (side === speaksFor) balance.favour(weight, what);
  else balance.oppose(weight, what);
}

/** Which version crashed: a version that is not the newest is not the newest's fault. */
function weighShare(scene: Scene, balance: Balance, side: Side): void {
  const { blame, crashes } = scene;
  if (blame.version === undefined || blame.ofVersion === undefined) {
    balance.miss(seen(scene, reads.tasks, 'which version the crashed tasks ran is not known'));
    return;
  }
  const share = blame.ofVersion / crashes.length;
  const told = `${blame.ofVersion} of ${crashes.length} crashed tasks ran ${tail(blame.version)}, the newest version`;
  // Where nothing else ever ran, it says little that the newest version crashes.
  if (share >= 0.7 && blame.deployedAt !== undefined)
    speak(balance, side, 'deployed', 2, seen(scene, reads.tasks, told));
  else if (share < 0.3) speak(balance, side, 'undeployed', 5, seen(scene, reads.tasks, told));
  else if (share < 0.7) speak(balance, side, 'undeployed', 2, seen(scene, reads.tasks, told));
}

function weighTiming(scene: Scene, balance: Balance, side: Side): void {
  const { blame, picture } = scene;
  if (blame.deployedAt !== undefined) {
    const minutes = Math.round((blame.firstAt - blame.deployedAt) / minuteMs);
    const told = `a deployment began ${minutes <= 0 ? 'right' : `${minutes} min`} before the first crash`;
    const weight = blame.isUnderWay || minutes <= 30 ? 4 : 2;
    speak(balance, side, 'deployed', weight, seen(scene, reads.deployments, told));
  } else if (picture.deployments.known || picture.service.known) {
    const told = 'no deployment began in the hour before the first crash';
    speak(balance, side, 'undeployed', 5, seen(scene, blame.timingRead, told));
  }
}

/** Whether the version before ran without crashing while it was the newest. */
function weighPrevious(scene: Scene, balance: Balance): void {
  const { blame } = scene;
  if (blame.deployedAt === undefined || blame.crashesBefore === undefined) return;
  const previous = blame.previous === undefined ? 'the version before' : tail(blame.previous);
  if (blame.crashesBefore === 0) {
    balance.favour(1, seen(scene, reads.tasks, `${previous} did not crash`));
  } else {
    const times = blame.crashesBefore === 1 ? 'once' : `${blame.crashesBefore} times`;
    balance.oppose(2, seen(scene, reads.tasks, `${previous} crashed too, ${times} in the last hour`));
  }
}

function missUnread(scene: Scene, balance: Balance): void {
  const { picture } = scene;
  const unread: readonly (readonly [Known<unknown>, string])[] = [
    [picture.deployments, reads.deployments],
    [picture.service, reads.service],
    [picture.errorLines, reads.log],
  ];
  for (const [known, operation] of unread) {
    if (!known.known && known.because === 'unknown') balance.miss(seen(scene, operation, known.reason));
  }
}

/** Why the tasks ended and what they said last belong to either cause. */
function caused(scene: Scene, balance: Balance, cause: string, summary: string): Omit<CrashLoopCause, 'rank'> {
  const { picture, crashes, words } = scene;
  const ends = exitsOf(crashes).slice(0, 3);
  const facts = [
    ...ends.map((group) => seen(scene, reads.tasks, group.summary)),
    ...words
      .slice(0, 3)
      .map((each) => seen(scene, reads.log, `last words of ${tasksText(each.tasks)}: ${each.example}`)),
  ];
  return {
    component: picture.names.service,
    cause,
    confidence: Number(balance.confidence.toFixed(3)),
    summary,
    for: [...balance.for, ...facts],
    against: balance.against,
    missing: balance.missing,
    help: helpFor(
      cause === 'crash-loop',
      scene.blame,
      scene.symptom.state,
      ends[0]?.summary,
      picture.deployments.known || picture.service.known,
    ),
  };
}

function tasksText(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`;
}

function seen({ picture }: Scene, operation: string, detail: string): Evidence {
  return evidence({ operation, region: picture.region }, detail);
}

function tail(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}
