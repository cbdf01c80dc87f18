/** What a command is to the program: it declares its words and flags, calls one use case, and hands the result on. */
import type { Command } from 'commander';
import type { ListDocument, RunDocument } from '../report/schemas.ts';
import type { RunbookDocument } from '../use-cases/runbooks.ts';
import type { Session } from '../use-cases/session.ts';
import type { StackFlags } from './flags.ts';

/** What a command may ask of the program around it. Showing also sets the exit code. */
export interface Host {
  readonly cwd: string;
  /** The wall clock, in epoch milliseconds. */
  readonly wall: () => number;
  /** Aborts when the process is told to end. */
  readonly signal: AbortSignal;
  /** Opens the stack that the flags name, does the work on it, and shows the run that it gives. */
  showRun(
    flags: StackFlags,
    /** The sandbox's scenario where `--sandbox` names none. */
    defaultScenario: string,
    work: (session: Session, times: Times) => Promise<RunDocument>,
  ): Promise<void>;
  showList(flags: StackFlags, list: ListView): Promise<void>;
  show(flags: StackFlags, shown: Shown): Promise<void>;
  /** Draws a runbook's step graph. */
  showGraph(flags: StackFlags, runbook: RunbookDocument, format: 'text' | 'mermaid'): Promise<void>;
}

/** The flags that are times, read against the session's clock. Epoch milliseconds, and a duration. */
export interface Times {
  readonly since?: number;
  readonly until?: number;
  readonly timeoutMs?: number;
}

export interface ListView {
  readonly document: ListDocument;
  readonly columns: readonly Column[];
}

/** A column of a list for people: `text` takes it from an item. */
export interface Column {
  readonly title: string;
  readonly text: (item: ListDocument['items'][number]) => string;
}

/** One document, and how people read it. */
export interface Shown {
  readonly document: object;
  readonly human: () => string;
}

/** Declares a command, with its subcommands, on the program. */
export type DeclareCommand = (program: Command, host: Host) => void;
