/** Words that may stand in a place of a command line. Loads no more than the place needs: a person waits for it. */

import type { StepSummary } from '../../engine/events.ts';

export interface Candidate {
  readonly value: string;
  readonly description?: string;
}

/** What is kept on this machine, newest first. */
export interface Kept {
  readonly runs: () => Promise<readonly string[]>;
  readonly incidents: () => Promise<readonly string[]>;
  /** The steps of such a run that have not ended, in their order. */
  readonly steps: (runId: string) => Promise<readonly StepSummary[]>;
  /** The ids of the team's own runbooks and checks, by their files' names. */
  readonly own: (kind: 'runbooks' | 'checks') => Promise<readonly string[]>;
}

/** What stands before the word. */
export interface Typed {
  /** As typed after the program's name: `runbook run`. */
  readonly command: string;
  /** The words after that, without flags and their values. */
  readonly words: readonly string[];
}

/** The place: `files` where a shell knows better. */
export type Place = (kept: Kept, typed: Typed) => Promise<readonly Candidate[] | 'files'>;

const files: Place = () => Promise.resolve('files');
const words = (values: readonly string[]): readonly Candidate[] => values.map((value) => ({ value }));

/** Long texts are for `--help`. */
const described = (items: readonly { readonly id: string; readonly summary?: unknown }[]): readonly Candidate[] =>
  items.map(({ id, summary }) => (typeof summary === 'string' ? { value: id, description: summary } : { value: id }));

const scenarios: Place = async () => described((await import('../scenarios.ts')).scenarioList().items);
const builtInRunbooks = async (): Promise<readonly Candidate[]> =>
  (await import('../runbooks.ts')).listRunbooks().items.map(({ id, title }) => ({
    value: id,
    ...(typeof title === 'string' ? { description: title } : {}),
  }));
const runbooks: Place = async (kept) => [...(await builtInRunbooks()), ...words(await kept.own('runbooks'))];
const checks: Place = async (kept) => {
  const { areas, catalogue } = await import('../../checks/catalogue.ts');
  const own = await kept.own('checks');
  return [
    ...catalogue.map(({ id, title }) => ({ value: id, description: title })),
    ...words(areas),
    ...words(own.length === 0 ? [] : ['own', ...own]),
  ];
};
const alerts: Place = async () => {
  const { alertChecks } = await import('../../checks/catalogue.ts');
  return alertChecks.map(({ id, title }) => ({ value: id, description: title }));
};
const commands: Place = async () => words((await import('../permissions/commands.ts')).commandNames());
const documents: Place = async () => words((await import('../config.ts')).documentNames());
const runs: Place = async (kept) => words(await kept.runs());
const incidents: Place = async (kept) => words(await kept.incidents());

/** The steps of the run that stands before. */
const stepsLeft: Place = async ({ steps }, { words: [runId = ''] }) => stepped(await steps(runId));

const stepped = (steps: readonly StepSummary[]): readonly Candidate[] =>
  steps.map(({ id, title }) => ({ value: id, description: title }));

/** What commands are told to agree to that name no runbook. */
const runbooksOfCommands: Readonly<Record<string, string>> = {
  'diagnose latency': 'latency',
  'diagnose database': 'database-unavailable',
  'diagnose errors': 'errors',
  'diagnose crash-loop': 'crash-loop',
  'dr failover': 'region-failover',
  'dr failback': 'region-failback',
  'dr drill': 'region-drill',
};

/** The steps that ask: of the runbook, or of the run, that the line is about. */
const questions: Place = async (kept, { command, words: [first = ''] }) => {
  const { builtInRunbook } = await import('../runbooks.ts');
  const runbook = builtInRunbook(runbooksOfCommands[command] ?? first);
  const steps: readonly StepSummary[] =
    runbook?.steps.map(({ id, title, kind }) => ({ id, title, kind, needs: [] })) ?? (await kept.steps(first));
  return stepped(steps.filter(({ kind }) => kind === 'approve' || kind === 'manual'));
};

/** `key=`, after which a name follows that only the account knows. */
const choices: Place = async () => words((await import('../init/questions.ts')).choosable.map((key) => `${key}=`));

/** Those that are open to every account, and a few that are not. AWS General Reference, "AWS service endpoints". */
const regions: Place = () =>
  Promise.resolve(
    words([
      'us-east-1',
      'us-east-2',
      'us-west-1',
      'us-west-2',
      'ca-central-1',
      'sa-east-1',
      'eu-central-1',
      'eu-north-1',
      'eu-south-1',
      'eu-west-1',
      'eu-west-2',
      'eu-west-3',
      'ap-northeast-1',
      'ap-northeast-2',
      'ap-northeast-3',
      'ap-south-1',
      'ap-southeast-1',
      'ap-southeast-2',
      'us-gov-east-1',
      'us-gov-west-1',
    ]),
  );
const severities: Place = () => Promise.resolve(words(['SEV-1', 'SEV-2', 'SEV-3', 'SEV-4']));
const receivers: Place = () =>
  Promise.resolve(words(['pagerduty', 'opsgenie', 'slack', 'sns', 'statuspage', 'eventbridge', 'webhook']));

/** By the flag's long name; what has choices of its own needs no line. */
const ofFlags: Readonly<Record<string, Place>> = {
  '--config': files,
  '--report': files,
  '--replay': files,
  '--to': files,
  '--ics': files,
  '--sandbox': scenarios,
  '--scenario': scenarios,
  '--region': regions,
  '--impaired': regions,
  '--runbook': runbooks,
  '--command': commands,
  '--of': documents,
  '--severity': severities,
  '--from-alert': alerts,
  '--run': runs,
  '--approve': questions,
  '--choose': choices,
};

/** By the command and the argument's name; a command's first word alone stands for all of its subcommands. */
const ofArguments: Readonly<Record<string, Place>> = {
  'runbook id': runbooks,
  'runs run-id': runs,
  'runs start runbook': runbooks,
  'runs step step-id': stepsLeft,
  'checks run check': checks,
  'sandbox serve scenario': scenarios,
  'incident id': incidents,
  'incident publish place': files,
  'notify test name': receivers,
};

export function placeOfFlag(long: string): Place | undefined {
  return ofFlags[long];
}

/** `command`: as typed after the program's name, `runbook run`. */
export function placeOfArgument(command: string, argument: string): Place | undefined {
  const [noun = ''] = command.split(' ');
  return ofArguments[`${command} ${argument}`] ?? ofArguments[`${noun} ${argument}`];
}
