/** What a command is to the program: it declares its words and flags, calls one use case, and hands the result on. */
import type { Command } from 'commander';
import type { Capture } from '../capture/capture.ts';
import type { IncidentSeverity } from '../cloud/notifier.ts';
import type { Digest } from '../engine/change.ts';
import type { RunEvent, StepSummary } from '../engine/events.ts';
import type { RunHistory } from '../engine/history.ts';
import type { IncidentEvent } from '../incident/events.ts';
import type {
  ForecastDocument,
  ListDocument,
  ReportDocument,
  RunDocument,
  RunStepDocument,
  SurvivalDocument,
} from '../report/schemas.ts';
import type {
  IncidentDocument,
  PostmortemDocument,
  PublicPostmortemDocument,
  StatusPageDocument,
} from '../report/incident-schemas.ts';
import type { PolicyReport } from '../report/policy-schemas.ts';
import type { Sheet } from '../report/sheet.ts';
import type { ExportedStep, MachineOptions } from '../report/state-machine.ts';
import type { DrillHistory } from '../use-cases/drill-history.ts';
import type { IncidentDesk } from '../use-cases/incidents/desk.ts';
import type { DrillSchedule } from '../use-cases/drills.ts';
import type { NotifyDesk } from '../use-cases/notify.ts';
import type { CredentialSources } from '../use-cases/recovery-lint.ts';
import type { RunbookDocument } from '../use-cases/runbooks.ts';
import type { RegionTemplate } from '../use-cases/monitoring-apply.ts';
import type { OwnFiles } from '../use-cases/own-files.ts';
import type { FleetReport } from '../use-cases/fleet-reports.ts';
import type { Session } from '../use-cases/session.ts';
import type { Stores } from '../use-cases/stores.ts';
import type { SurvivalRow, Theatre } from '../use-cases/survival.ts';
import type { Pace, WatchEnd, Watcher } from '../use-cases/watch-report.ts';
import type { CommonFlags, StackFlags } from './flags.ts';
import type { InitFlags } from './init-flags.ts';
import type { HelpTopic } from '../report/help-topic.ts';

/** What a command may ask of the program around it. Showing also sets the exit code. */
export interface Host {
  readonly cwd: string;
  /** Of nanoops. */
  readonly version: string;
  /** The wall clock, in epoch milliseconds. */
  readonly wall: () => number;
  /** Aborts when the process is told to end. */
  readonly signal: AbortSignal;
  /** Opens the stack that the flags name, does the work on it, and shows the run that it gives, or the step of one. */
  showRun(
    flags: StackFlags,
    opening: Opening,
    work: (session: Session, times: Times) => Promise<RunDocument | RunStepDocument>,
  ): Promise<void>;
  /** Shows a step that ended before, or the run that did; nothing is opened. */
  showRunStep(flags: StackFlags, document: RunDocument | RunStepDocument): Promise<void>;
  /** Finds out whether a capture can be written there. */
  checkCapturePath(path: string): Promise<void>;
  /** Writes a capture; gives the path that it has then. */
  writeCapture(path: string, capture: Capture): Promise<string>;
  /** Opens the stack that the flags name, does the work on it, and shows the report that it gives. */
  showReport(
    flags: StackFlags,
    opening: Opening,
    work: (session: Session, times: Times) => Promise<ReportDocument>,
  ): Promise<void>;
  /** Opens the stack that the flags name, does the work on it, and shows the sheet that it gives. `ofMany`: what it says of each of many. */
  showSheet(
    flags: StackFlags,
    opening: Opening,
    work: (session: Session, times: Times) => Promise<ShownSheet>,
    ofMany?: (session: Session, times: Times) => Promise<FleetReport>,
  ): Promise<void>;
  /** Opens the stack that the flags name, does the work on it, and prints the one template that it gives, or writes all to files. */
  showTemplates(
    flags: StackFlags,
    opening: Opening,
    how: { readonly format: 'yaml' | 'json'; readonly file: string | undefined },
    work: (session: Session, times: Times) => Promise<readonly RegionTemplate[]>,
  ): Promise<void>;
  /**
   * Opens the stack that the flags name and shows each look at it as it comes, until the work ends or somebody leaves:
   * on a terminal as a picture that is kept up to date, elsewhere as lines.
   */
  watchReport(
    flags: StackFlags,
    opening: Opening,
    pace: Pace,
    work: (session: Session, times: Times, watcher: Watcher) => Promise<WatchEnd>,
  ): Promise<void>;
  /** As `showReport`, for a forecast. */
  showForecast(
    flags: StackFlags,
    opening: Opening,
    work: (session: Session, times: Times) => Promise<ForecastDocument>,
    ofMany: (session: Session, times: Times) => Promise<FleetReport>,
  ): Promise<void>;
  /** What the environment and the profile say of where credentials come from; none is used. */
  credentialSources(flags: StackFlags): Promise<CredentialSources>;
  /** Opens the stores of journals and leases for some work. */
  withStores<T>(flags: StackFlags, work: (stores: Stores) => Promise<T>): Promise<T>;
  /** Opens the receivers of notifications for some work. */
  withNotifyDesk<T>(flags: StackFlags, work: (desk: NotifyDesk) => Promise<T>): Promise<T>;
  /** Shows a run of which only the journal is left. */
  showHistory(flags: StackFlags, run: { readonly document: RunDocument } & JournalOfRun): Promise<void>;
  /** Finds the stack in the account that the flags name, writes the configuration, and shows what was found. */
  showInit(flags: InitFlags): Promise<void>;
  showList(flags: StackFlags, list: ListView): Promise<void>;
  show(flags: StackFlags, shown: Shown): Promise<void>;
  /** `ics`: where the dates go as a calendar, too; `-` for stdout and nothing else. */
  showDrillSchedule(
    flags: StackFlags,
    shown: { readonly document: DrillSchedule; readonly ics: string | undefined; readonly nowMs: number },
  ): Promise<void>;
  /** `withCoverage`: every step, too. */
  showDrillHistory(
    flags: StackFlags,
    shown: { readonly document: DrillHistory; readonly exitCode: number; readonly withCoverage: boolean },
  ): Promise<void>;
  /** Runs a runbook through every mishap on the simulated AWS, and shows what it survived. */
  showSurvival(flags: StackFlags, request: SurvivalTrial): Promise<void>;
  /** What a team has beside the configuration that the flags mean: runbooks of its own. Loads none of them. */
  own(flags: CommonFlags): Promise<OwnFiles>;
  /** Says beside the result that something is not as it should be. */
  warn(text: string, details?: readonly string[]): void;
  /** Writes text to stdout as it is. */
  write(text: string): void;
  /** Ids of what is kept on this machine, newest first; none where nothing can be read. */
  keptIds(kind: 'runs' | 'incidents'): Promise<readonly string[]>;
  /** The steps of a run that is kept on this machine; of one that is carried out step by step, those that have not ended. */
  keptSteps(runId: string): Promise<readonly StepSummary[]>;
  /** A page of help, fitted to the screen. */
  helpPage(topic: HelpTopic): Promise<string>;
  /** Shows IAM policies on stdout, and what is to be known of them on stderr. */
  showPolicy(flags: StackFlags, report: PolicyReport, format: 'json' | 'cloudformation'): Promise<void>;
  /** Draws a runbook's step graph. */
  showGraph(flags: StackFlags, runbook: RunbookDocument, format: 'text' | 'mermaid'): Promise<void>;
  /** Shows a runbook's graph for another program: as a state machine, or as Mermaid where there is to be none. */
  showExport(
    flags: StackFlags,
    exported: { readonly document: RunbookDocument; readonly steps: readonly ExportedStep[] },
    machine: MachineOptions | undefined,
  ): Promise<void>;
  /** Creates a team's table. */
  createTable(flags: StackFlags): Promise<{ readonly name: string; readonly outcome: 'created' | 'already-there' }>;
  /** The hash that journals are chained with. */
  digest(): Promise<{ readonly sha256: Digest }>;
  /** Opens the incidents that the flags mean, with everything that is done with them. `scenario`: where --sandbox names none. */
  withIncidents<T>(flags: StackFlags, opening: IncidentOpening, work: (desk: IncidentDesk) => Promise<T>): Promise<T>;
  /** Shows an incident: all of it, or what was just done and what is due. */
  showIncident(flags: StackFlags, shown: ShownIncident): Promise<void>;
  /** Finds out whether it can be written, makes a post-mortem, shows it and writes it to where `--report` says. */
  showPostmortem(flags: StackFlags, make: () => Promise<ShownPostmortem>): Promise<void>;
  /** Renders the status page to `place`: a folder, or `s3://bucket/prefix`. */
  publishStatusPage(
    flags: StackFlags,
    place: string,
    make: () => Promise<{ readonly document: StatusPageDocument; readonly region: string }>,
  ): Promise<void>;
  /** Asks for what was not typed; undefined without a terminal, and where nothing is answered. */
  askForIncident(flags: StackFlags, choices: IncidentChoices): Promise<IncidentAnswers | undefined>;
  /** Asks for a yes; false without a terminal. */
  confirm(flags: StackFlags, question: string, facts: readonly string[]): Promise<boolean>;
}

export interface IncidentOpening {
  /** True where a stack has to be known: a new one is of it. */
  readonly needsStack: boolean;
}

export interface ShownPostmortem {
  readonly document: PostmortemDocument | PublicPostmortemDocument;
}

/** Where the files of a page are; or, in a dry run, what they would be called. */
export interface PublishedPage {
  readonly files: readonly string[];
  readonly wouldWrite: readonly string[];
}

export interface ShownIncident {
  readonly document: IncidentDocument;
  readonly events: readonly IncidentEvent[];
  readonly isBrief: boolean;
}

/** What is asked, where it was not typed. */
export interface IncidentChoices {
  readonly severities?: readonly { readonly value: IncidentSeverity; readonly title: string }[];
  readonly title: boolean;
}

export interface IncidentAnswers {
  readonly severity?: IncidentSeverity;
  readonly title?: string;
}

export interface SurvivalTrial {
  readonly changes: readonly string[];
  /** Of a team's own runbook: the operations by which it looks. */
  readonly namedReads?: readonly string[];
  readonly seed: number;
  readonly work: (theatre: Theatre, digest: Digest, progress: (row: SurvivalRow) => void) => Promise<SurvivalDocument>;
}

export interface JournalOfRun {
  readonly history: RunHistory;
  readonly events: readonly RunEvent[];
}

/** How a session is opened. */
export interface Opening {
  /** The sandbox's scenario where `--sandbox` names none. */
  readonly scenario: string;
  /** Fewest calls rather than the soonest answer: of what looks on a calm day. */
  readonly fewestCalls?: boolean;
  /** Operations by which a team's own runbook or check looks, beside those that nanoops does. */
  readonly namedReads?: readonly string[];
  /** Texts that are taken out of a capture before it is looked at. */
  readonly leavesOut?: readonly string[];
  /** Absent where the run only looks. */
  readonly acts?: {
    readonly mode: 'dry-run' | 'execute';
    /** The operations that its acting steps may call. */
    readonly changes: readonly string[];
  };
  /** The run that is taken up again; its simulated world was kept with it. */
  readonly resumes?: RunHistory;
  /** The id of a run whose simulated world is looked at as that run left it. */
  readonly leftByRun?: string;
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
  /** What a person is told where there is nothing to list: what would be here, and what to type for it. */
  readonly whenEmpty?: string;
  /** 0 when absent. */
  readonly exitCode?: number;
}

/** A column of a list for people: `text` takes it from an item. */
export interface Column {
  readonly title: string;
  readonly text: (item: ListDocument['items'][number]) => string;
}

/** An item's member as a cell: nothing where there is none. */
export function cell(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** One document, and how people read it. */
export interface Shown {
  readonly document: object;
  readonly human: () => string;
  /** What people see is source in this language, or laid out in columns (`text`): Markdown takes it as it is. Absent: sentences. */
  readonly language?: 'json' | 'yaml' | 'bash' | 'zsh' | 'fish' | 'text';
  /** 0 when absent. */
  readonly exitCode?: number;
}

/** A document for machines, the items that ndjson has of it, and how people read it. */
export interface ShownSheet {
  readonly document: object;
  readonly items: readonly object[];
  readonly sheet: Sheet;
  /** `mermaid`: in place of the sheet, people see who calls whom as a flowchart’s source. */
  readonly drawing?: 'text' | 'mermaid';
}

/** Gives a command its flags, texts and subcommands. Its name and its summary it has already. */
export type DeclareCommand = (command: Command, host: Host) => void;
