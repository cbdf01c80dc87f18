/** Words that may stand in a place of a command line. Loads no more than the place needs: a person waits for it. */

export interface Candidate {
  readonly value: string;
  readonly description?: string;
}

/** What is kept on this machine, newest first. */
export interface Kept {
  readonly runs: () => Promise<readonly string[]>;
  readonly incidents: () => Promise<readonly string[]>;
  /** The ids of the team's own runbooks and checks, by their files' names. */
  readonly own: (kind: 'runbooks' | 'checks') => Promise<readonly string[]>;
}

/** The place: `files` where a shell knows better. */
export type Place = (kept: Kept) => Promise<readonly Candidate[] | 'files'>;

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
};

/** By the command and the argument's name; a command's first word alone stands for all of its subcommands. */
const ofArguments: Readonly<Record<string, Place>> = {
  'runbook id': runbooks,
  'runs run-id': runs,
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
