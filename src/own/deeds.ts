/** What a team's YAML changes: planned as data, looked at, made once, put back. */
import type { NamedCall } from '../cloud/named.ts';
import { shellLine } from '../cloud/shell-line.ts';
import type { ActStep } from '../config/own/runbook-file.ts';
import type { Change, Look } from '../engine/change.ts';
import { plainOf, type Plain, type PlainRecord } from '../engine/plain.ts';
import type { ActContext, ObserveContext } from '../engine/step.ts';
import type { OwnActPorts, OwnPorts, RunbookSettings } from '../runbooks/kit.ts';
import { filled, filledExpression, filledWord, holds, textOf } from './expressions.ts';
import { answerTo, callOf, lookOf, type PlainLook } from './looking.ts';

/** One call, or one program. */
type Deed = {
  readonly call?: {
    readonly service: string;
    readonly operation: string;
    readonly region: string;
    readonly input: PlainRecord;
  };
  readonly command?: readonly string[];
  /** What is sent in the place of the command on a simulated AWS. */
  readonly simulated?: NonNullable<Deed['call']>;
  readonly withinMs: number;
  readonly summary: string;
};

/** All that making it, seeing it and putting it back need: a run that stopped goes on with it, whatever the file says by then. */
export type DeedInput = {
  readonly deed: Deed;
  /** Absent where it cannot be put back. */
  readonly undo?: Deed;
  readonly look: PlainLook;
  readonly signs: {
    readonly done: string;
    readonly underWay?: string;
    readonly failed?: string;
    readonly say?: string;
    /** Of what puts it back. */
    readonly undone?: string;
    /** True of what puts back itself. */
    readonly putsBack?: boolean;
  };
  readonly question?: string;
};

const defaultWithinMs = 30_000;
/** Of a request, in the question. */
const mostShown = 400;

/** @throws ExpressionError where an expression finds nothing: a hole is neither sent nor agreed to. */
export function plannedChange(step: ActStep, data: Plain, settings: RunbookSettings): Change<DeedInput> {
  const { effect, undo, question, before, after, within = defaultWithinMs } = step;
  const { done, underWay, failed, undone, say } = effect;
  const { region } = settings.site;
  const summary = filledWord(step.summary, data);
  const deed = deedOf(step, data, region, within, summary);
  return {
    operation: operationOf(deed),
    region: deed.call?.region ?? region,
    resource: filledWord(step.resource, data),
    summary,
    // Two changes of one thing must not look as if one brought back the other.
    before: recordOf(before, data) ?? { change: 'not made' },
    after: recordOf(after, data) ?? { change: summary },
    risk: typeof undo === 'object' ? 'reversible' : undo,
    blastRadius: filledWord(step.blastRadius, data),
    input: {
      deed,
      ...(typeof undo === 'object' ? { undo: deedOf(undo, data, region, within, filledWord(undo.summary, data)) } : {}),
      look: lookOf(effect, data, settings),
      signs: {
        done: filledExpression(done, data),
        ...(underWay === undefined ? {} : { underWay: filledExpression(underWay, data) }),
        ...(failed === undefined ? {} : { failed: filledExpression(failed, data) }),
        ...(undone === undefined ? {} : { undone: filledExpression(undone, data) }),
        ...(say === undefined ? {} : { say }),
      },
      ...(question === undefined ? {} : { question: filledWord(question, data) }),
    },
  };
}

function deedOf(
  { call, command, simulated }: Pick<ActStep, 'call' | 'command' | 'simulated'>,
  data: Plain,
  region: string,
  withinMs: number,
  summary: string,
): Deed {
  return {
    ...(call === undefined ? {} : { call: callOf(call, data, region) }),
    ...(command === undefined ? {} : { command: command.map((word) => filledWord(word, data)) }),
    ...(simulated === undefined ? {} : { simulated: callOf(simulated.call, data, region) }),
    withinMs,
    summary,
  };
}

function operationOf({ call, command = [] }: Deed): string {
  return call === undefined ? `program:${command[0]?.split('/').at(-1) ?? ''}` : `${call.service}:${call.operation}`;
}

function recordOf(value: ActStep['before'], data: Plain): PlainRecord | undefined {
  if (value === undefined) return undefined;
  const made = filled(plainOf(value), data);
  // What is filled in a map is a map.
  return made as PlainRecord;
}

/** What a file says of a deed or a look, with its gaps. */
interface Written {
  readonly call?: { readonly service: string; readonly operation: string } | undefined;
  readonly command?: readonly string[] | undefined;
  readonly http?: string | undefined;
}

/** True of what the file says, wherever it leaves nothing to be filled in. */
function isAsWritten(made: Written, written: Written): boolean {
  const { call, command, http } = written;
  if (made.http !== http || (made.command === undefined) !== (command === undefined)) return false;
  if (made.call?.service !== call?.service || made.call?.operation !== call?.operation) return false;
  if (command === undefined) return true;
  const words = made.command ?? [];
  return words.length === command.length && command.every((word, at) => word.includes('${') || word === words[at]);
}

/** A journal names something that the file does not. */
class NotAsWritten extends Error {
  override readonly name = 'NotAsWritten';
  readonly errorClass = 'rejected';
}

/**
 * What is taken up from a journal is what the file says: else whoever can write to a journal would say which programs start on the
 * machine of whoever goes on with it.
 *
 * @throws NotAsWritten
 */
export function checkWritten(
  { input: { deed, look } }: Change<DeedInput>,
  { act, undo, effect, ...own }: ActStep,
): void {
  const deeds: readonly Written[] = [own, ...(typeof undo === 'object' ? [undo] : [])];
  if (deeds.some((each) => isAsWritten(deed, each)) && isAsWritten(look, effect)) return;
  throw new NotAsWritten(
    `the journal says something else of "${act}" than the file does: nothing is started on its word`,
  );
}

/** How it stands, by what its author says shows it. */
export async function lookAtDeed(
  { input: { look, signs } }: Change<DeedInput>,
  { ports, signal }: ObserveContext<OwnPorts, RunbookSettings>,
): Promise<Look> {
  const answer = await answerTo(look, ports.named, signal);
  const { done, underWay, failed, say } = signs;
  const isDone = holds(done, answer);
  // Both at once tell nothing, and "put back" would be said of what was not.
  if (isDone && signs.putsBack === true && signs.undone !== undefined && holds(signs.undone, answer)) {
    return { state: 'unknown', detail: `${done} and ${signs.undone} hold at the same time` };
  }
  const said = say === undefined ? undefined : textOf(say, answer);
  if (isDone) return { state: 'done', detail: said ?? `${done} holds` };
  if (underWay !== undefined && holds(underWay, answer))
    return { state: 'in-flight', detail: said ?? `${underWay} holds` };
  if (failed !== undefined && holds(failed, answer)) return { state: 'failed', detail: said ?? `${failed} holds` };
  return { state: 'not-started', detail: said ?? `${done} does not hold` };
}

export async function applyDeed(
  { input: { deed } }: Change<DeedInput>,
  { ports }: ActContext<OwnActPorts, RunbookSettings>,
): Promise<void> {
  const { call, command = [], simulated, withinMs } = deed;
  const named: NamedCall | undefined = call;
  if (named !== undefined) await ports.named.call(named);
  else await ports.named.program({ exec: command, withinMs, ...(simulated === undefined ? {} : { simulated }) });
}

/** What is sent or started, as a person reads it. */
export function deedText({ call, command = [] }: Deed): string {
  const text =
    call === undefined
      ? shellLine(...command)
      : `${call.service}:${call.operation} in ${call.region} ${JSON.stringify(call.input)}`;
  return text.length <= mostShown ? text : `${text.slice(0, mostShown)}\u2026 (${text.length} characters)`;
}

/** What puts it back, with the sign that it is back. Undefined for what cannot be. */
export function reverseDeed(applied: Change<DeedInput>): Change<DeedInput> | undefined {
  const { deed, undo, signs, ...rest } = applied.input;
  const { undone, say } = signs;
  if (undo === undefined || undone === undefined) return undefined;
  return {
    ...applied,
    operation: operationOf(undo),
    region: undo.call?.region ?? applied.region,
    summary: undo.summary,
    before: applied.after,
    after: applied.before,
    input: {
      ...rest,
      deed: undo,
      undo: deed,
      signs: {
        done: undone,
        undone: signs.done,
        ...(signs.putsBack === true ? {} : { putsBack: true }),
        ...(say === undefined ? {} : { say }),
      },
    },
  };
}
