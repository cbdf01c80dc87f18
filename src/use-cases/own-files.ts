/** What a team has beside its configuration: runbooks and checks of its own, and which of all runbooks somebody means. */
import type { AnyCheck } from '../checks/check.ts';
import type { RunHistory } from '../engine/history.ts';
import { NanoopsError } from '../errors.ts';
import type { AnyRunbook } from '../runbooks/kit.ts';
import { builtInRunbook, isBuiltInId, runbookOf, unknownRunbook, whereOwnAre, type WhereOwnAre } from './runbooks.ts';

/** One of a team's own runbooks. */
export interface OwnRunbook extends AnyRunbook {
  /** Its file, as somebody would name it from the current folder. */
  readonly file: string;
  /** True where its calls name what they are about, and nanoops does not know it: of YAML. */
  readonly namesItself?: boolean;
}

/** One of a team's own checks. */
export interface OwnCheck extends AnyCheck {
  readonly file: string;
}

/** A file that cannot be used. It stands in nobody's way but of who asks for it. */
export interface BrokenFile {
  readonly id: string;
  readonly file: string;
  readonly problem: NanoopsError;
}

/** The files of one kind. A file's name without its ending is the id of what is in it. */
export interface OwnKind<Own> extends WhereOwnAre {
  /** The ids that files promise, in order of their names. Loads nothing. */
  ids(): Promise<readonly string[]>;
  /** Undefined where there is no such file. @throws NanoopsError `OwnFileInvalid` */
  find(id: string): Promise<Own | undefined>;
  /** All of them, each loaded. */
  all(): Promise<{ readonly found: readonly Own[]; readonly broken: readonly BrokenFile[] }>;
}

export interface OwnFiles {
  readonly runbooks: OwnKind<OwnRunbook>;
  readonly checks: OwnKind<OwnCheck>;
}

/** Opens what lies beside the configuration. Asked for only where no built-in one is meant. */
export type OpenOwnFiles = () => Promise<OwnFiles>;

/**
 * A runbook by its id, built in or a team's own.
 *
 * @throws NanoopsError `UnknownRunbook`, or `OwnFileInvalid` where it is in a file that cannot be used.
 */
export async function runbookNamed(id: string, open: OpenOwnFiles): Promise<AnyRunbook> {
  const builtIn = builtInRunbook(id);
  if (builtIn !== undefined) return builtIn;
  const { runbooks } = await open();
  const own = await runbooks.find(id);
  if (own !== undefined) return own;
  throw unknownRunbook(id, await runbooks.ids(), runbooks);
}

/**
 * The runbook of a run that stopped. A team's own is taken from beside the configuration that whoever resumes has or names,
 * never from a place that a journal names: journals are shared, and this is code.
 *
 * @throws NanoopsError `UnknownRunbook`, `OwnFileInvalid`
 */
export async function runbookOfRun(
  history: Pick<RunHistory, 'runId' | 'runbook' | 'context'>,
  open: OpenOwnFiles,
): Promise<AnyRunbook> {
  const { runbook: id, runId } = history;
  if (isBuiltInId(id)) return runbookOf(history);
  const { runbooks } = await open();
  const own = await runbooks.find(id);
  if (own !== undefined) return own;
  throw new NanoopsError(`run ${runId} is of the runbook "${id}", which is not here`, {
    code: 'UnknownRunbook',
    exitCode: 2,
    details: [whereOwnAre(runbooks)],
    nextStep: `name the configuration that it lies beside: nanoops runs resume ${runId} -c <file>`,
  });
}
