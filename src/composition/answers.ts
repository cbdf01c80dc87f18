/** Who answers a run's questions: flags first, then the person before the terminal, else nobody. */
import type { StackFlags } from '../commands/flags.ts';
import type { Answer, AskedQuestion, Approver } from '../engine/approval.ts';
import { worstRisk } from '../engine/change.ts';
import { NanoopsError } from '../errors.ts';

export interface Answers {
  /** By step, the plan hash that was approved, or true for whichever there is. */
  readonly approved: ReadonlyMap<string, string | true>;
  readonly yes: boolean;
  /** Milliseconds of writes that may be lost. */
  readonly acceptedLossMs?: number;
}

/** @throws NanoopsError `InvalidApproval` */
export function answersOf(flags: StackFlags, parseDuration: (text: string, what: string) => number): Answers {
  const given = (flags.approve ?? []).map((text) => {
    const match = /^([a-z0-9][a-z0-9-]*)(?:@([0-9a-f]{6,64}))?$/.exec(text);
    if (match?.[1] === undefined) {
      throw new NanoopsError(`--approve ${JSON.stringify(text)} is no step`, {
        code: 'InvalidApproval',
        exitCode: 2,
        nextStep:
          'use a step\u2019s id, or id@hash as a suspended run prints it: --approve approve-scale-out@1a2b3c4d5e6f',
      });
    }
    return [match[1], match[2] ?? true] as const;
  });
  for (const [index, [stepId, hash]] of given.entries()) {
    if (given.slice(index + 1).every(([other, another]) => other !== stepId || another === hash)) continue;
    throw new NanoopsError(`--approve ${stepId} is given twice, and not for the same plan`, {
      code: 'InvalidApproval',
      exitCode: 2,
      nextStep: 'give it once, with the hash of the plan that you agree to',
    });
  }
  const loss = flags.acceptLoss;
  return {
    approved: new Map(given),
    yes: flags.yes === true,
    ...(loss === undefined ? {} : { acceptedLossMs: parseDuration(loss, '--accept-loss') }),
  };
}

export interface ApproverOptions {
  readonly answers: Answers;
  readonly by: string;
  /** Absent where there is nobody to ask. */
  readonly person?: () => Promise<Approver>;
}

export function createApprover({ answers, by, person }: ApproverOptions): Approver {
  return {
    async ask(question, signal) {
      const answer = fromFlags(question, answers, by);
      if (answer !== undefined) return answer;
      if (person !== undefined) return (await person()).ask(question, signal);
      return {
        kind: 'absent',
        reason: `${needOf(question, answers.yes)}, and there is nobody to ask`,
        nextSteps: [goOn(question)],
      };
    },
  };
}

/** What flags say to a question; undefined where they say nothing. */
function fromFlags(
  question: AskedQuestion,
  { approved, yes, acceptedLossMs }: Answers,
  by: string,
): Answer | undefined {
  const { stepId, hash, changes } = question;
  const wanted = approved.get(stepId);
  if (wanted !== undefined) {
    if (wanted !== true && !hash.startsWith(wanted)) {
      return {
        kind: 'absent',
        reason: `the plan of "${stepId}" is not the one that was approved: ${wanted} then, ${hash} now`,
        nextSteps: [goOn(question)],
      };
    }
    const refusal = worstRisk(changes) === 'data-loss' ? lossRefusal(question, acceptedLossMs) : undefined;
    return refusal ?? { kind: 'given', by, how: 'flag' };
  }
  return yes && beyondYes(question) === undefined ? { kind: 'given', by, how: 'yes' } : undefined;
}

/** What a question waits for; with --yes also why that is no answer to it. */
function needOf(question: AskedQuestion, yes: boolean): string {
  const beyond = beyondYes(question);
  return `"${question.stepId}" ${beyond !== undefined && (yes || question.kind === 'manual') ? beyond : 'needs an approval'}`;
}

/** Why --yes does not answer a question; undefined where it does. */
function beyondYes({ kind, changes, isGrave = false, stepId }: AskedQuestion): string | undefined {
  if (kind === 'manual') return 'needs somebody to do it';
  if (worstRisk(changes) === 'data-loss') return 'may lose data, which --yes never agrees to';
  // So also what differs in a runbook since the run began.
  if (isGrave || stepId === 'runbook') return 'has to be agreed to by its name, which --yes is not';
  return undefined;
}

/** Why a change that may lose data is not covered by what was accepted. */
function lossRefusal(question: AskedQuestion, acceptedLossMs: number | undefined): Answer | undefined {
  const losses = question.changes.filter((change) => change.risk === 'data-loss').map((change) => change.lossMs);
  const worst = losses.includes(undefined) ? undefined : Math.max(...losses.map((loss) => loss ?? 0));
  const absent = (reason: string): Answer => ({ kind: 'absent', reason, nextSteps: [goOn(question)] });
  if (acceptedLossMs === undefined)
    return absent(`"${question.stepId}" may lose data, and --accept-loss does not say how much may be`);
  if (worst === undefined)
    return absent(`how much "${question.stepId}" would lose is unknown: only somebody at a terminal can agree to that`);
  if (worst <= acceptedLossMs) return undefined;
  return absent(
    `"${question.stepId}" may lose ${seconds(worst)} of writes, more than the ${seconds(acceptedLossMs)} accepted`,
  );
}

function seconds(durationMs: number): string {
  return durationMs % 1000 === 0 ? `${durationMs / 1000} s` : `${durationMs} ms`;
}

/** The command that answers and goes on; where no flag can answer, the one that asks again at a terminal. */
function goOn({ resume, stepId, hash, changes }: AskedQuestion): string {
  const losses = changes.flatMap((change) => (change.risk === 'data-loss' ? [change.lossMs] : []));
  const known = losses.filter((loss) => loss !== undefined);
  if (known.length < losses.length) return resume;
  const loss = known.length === 0 ? '' : ` --accept-loss ${Math.ceil(Math.max(...known) / 1000)}s`;
  return `${resume} --approve ${stepId}@${hash}${loss}`;
}
