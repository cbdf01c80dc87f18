/** What can be diagnosed: each by a runbook's looking steps. */
import { NanoopsError } from '../errors.ts';
import type { Session } from '../use-cases/session.ts';

export interface Diagnosis {
  readonly name: string;
  readonly runbook: string;
  readonly scenario: string;
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly (readonly [string, string])[];
}

export const diagnoses: readonly Diagnosis[] = [
  {
    name: 'latency',
    runbook: 'latency',
    scenario: 'slow-query',
    summary: 'the API is slow',
    description:
      'Is the API slow, since when, which component is to blame, and what helps: metrics, traces and logs, at once.',
    examples: [
      ['nanoops diagnose latency --sandbox', 'a slow query on the simulated AWS; needs nothing'],
      ['nanoops diagnose latency', 'the stack of ./nanoops.yaml'],
      ['nanoops diagnose latency --since 40m', 'it began 40 minutes ago'],
      ['nanoops diagnose latency --fix --dry-run', 'what --fix would do, and change'],
      ['nanoops diagnose latency --fix', 'ask, act, see whether it helped'],
    ],
  },
  {
    name: 'database',
    runbook: 'database-unavailable',
    scenario: 'writer-unreachable',
    summary: 'the database cannot be reached',
    description:
      'Which connection errors there are, of what kind, and what each of them calls for: few of them call for a failover.',
    examples: [
      ['nanoops diagnose database --sandbox', 'a writer that is gone, on the simulated AWS; needs nothing'],
      ['nanoops diagnose database', 'the stack of ./nanoops.yaml'],
      ['nanoops diagnose database --fix --dry-run', 'what --fix would do, and change'],
      ['nanoops diagnose database --fix', 'ask, fail over or wait, see whether it helped'],
    ],
  },
  {
    name: 'errors',
    runbook: 'errors',
    scenario: 'deploy-failing',
    summary: 'requests fail with 5xx',
    description:
      'Do more requests fail than usual, since when, in which component do the faults begin, and what changed then?',
    examples: [
      ['nanoops diagnose errors --sandbox', 'a bad deployment on the simulated AWS; needs nothing'],
      ['nanoops diagnose errors', 'the stack of ./nanoops.yaml'],
      ['nanoops diagnose errors --since 3h --until 2h', 'an incident that is over'],
      ['nanoops diagnose errors --fix', 'tell the team; go back to the version before, where that helps'],
    ],
  },
  {
    name: 'crash-loop',
    runbook: 'crash-loop',
    scenario: 'crash-loop',
    summary: 'tasks of the service stop again and again',
    description:
      'Do tasks crash and start again, since when, is a deployment to blame, and what were their last words?',
    examples: [
      ['nanoops diagnose crash-loop --sandbox', 'a bad deployment on the simulated AWS; needs nothing'],
      ['nanoops diagnose crash-loop', 'the stack of ./nanoops.yaml'],
      ['nanoops diagnose crash-loop --fix', 'ask, go back to the version before, see whether it helped'],
    ],
  },
];

/** @throws NanoopsError `OtherCapture` where what was captured is not what is to be replayed. */
export function checkReplayed({ replayed }: Pick<Session, 'replayed'>, runbook: string): void {
  if (replayed === undefined || replayed.runbook === runbook) return;
  const name = diagnoses.find((each) => each.runbook === replayed.runbook)?.name;
  throw new NanoopsError(
    `the capture is one of ${name ?? replayed.runbook}: it holds no answers to what is asked here`,
    {
      code: 'OtherCapture',
      exitCode: 2,
      nextStep:
        name === undefined
          ? 'make another: nanoops capture --help'
          : `nanoops diagnose ${name} --replay <the same file>`,
    },
  );
}
