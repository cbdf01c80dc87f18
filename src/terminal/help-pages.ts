/** The pages behind `nanoops help <topic>`: short, and made to fit the screen. */
import type { HelpTopic } from '../report/help-topic.ts';
import firstRunbook from './first-runbook.yaml';
import { padEnd, widthOf, wrap } from './text.ts';

type Block =
  | string
  /** Terms, and what each means. */
  | readonly (readonly [term: string, meaning: string])[]
  /** A file to copy, which stands as it is. */
  | { readonly file: string };

interface Page {
  readonly title: string;
  readonly blocks: readonly Block[];
}

const pages: Readonly<Record<HelpTopic, Page>> = {
  'exit-codes': {
    title: 'Exit codes',
    blocks: [
      'Every command ends with one of these, in every output format; the same number stands as exitCode in its JSON.',
      [
        ['0', 'done, and nothing needs attention; so also a --fix that helped and was verified'],
        ['1', 'done, and something needs attention: a finding, a named cause, a target or an objective missed'],
        ['2', 'wrong usage or configuration; nothing was contacted'],
        ['3', 'could not tell: data, permission or reach was missing; never reported as healthy'],
        ['4', 'an approval is missing or was declined; the run waits: nanoops runs list'],
        ['5', 'a step failed, or nanoops itself; what was changed is listed'],
        ['6', 'another run holds the lock: nanoops locks list'],
        ['130', 'interrupted; a run that acts is suspended and can be resumed'],
      ],
      'Where several hold, the first of 2, 6, 130, 5, 4, 1, 3, 0 wins. --fail-on breach makes a report exit with 1 only where an alert threshold is crossed. What a diagnosis names, a run misses or logs show is no mere warning: it counts with either.',
      'In a shell: nanoops status || echo "look at it"; case $? tells 1 (look) from 3 (could not tell).',
    ],
  },
  configuration: {
    title: 'Configuration',
    blocks: [
      'nanoops.yaml names the parts of one stack. It is searched from the current folder upwards; -c names another file, and a glob in quotes (-c "services/*.yaml") runs a report on many services. Only service and regions.primary are required: what is left out is not looked at, and the answer says so.',
      [
        ['nanoops config validate', 'every fault, with its line and column'],
        ['nanoops config show', 'the values that hold, and where each comes from'],
        ['nanoops config schema', 'every key explained, as JSON Schema for an editor'],
        ['nanoops sandbox config', 'a whole file to start from, of the simulated stack'],
      ],
      '-e staging lays environments.staging of the file over the rest. Secrets are never in the file; it says where they are: "${env:NAME}", "${ssm:/path/name}", "${secretsmanager:name#key}".',
      'Credentials are found as the aws command line finds them: variables, --profile, SSO, a role of the container or instance. nanoops iam policy prints what they have to be allowed.',
    ],
  },
  output: {
    title: 'Output',
    blocks: [
      'stdout holds the answer and nothing else; progress, questions and notes go to stderr. So a pipe or a file gets a whole document, always one.',
      [
        ['-o human', 'for a person (the default)'],
        ['-o json', 'one document, with its schema and version; --json is short for it'],
        ['-o ndjson', 'a line for each event or item, as it happens'],
        ['-o junit', 'a test case for each check or step, for CI'],
        ['-o markdown', 'to paste into an issue or a log'],
        ['--report <file>', 'also writes a report: .html, .md, .json or .xml (JUnit), by its name'],
        ['-q, -v', 'the outcome only; more detail'],
      ],
      'Wrong usage with -o json is a document, too: nanoops/error@1, with a code, a message and the next step. nanoops config schema --of report prints the schema of a document.',
      'Colour is for terminals: --no-color or NO_COLOR turns it off, FORCE_COLOR on. --no-input never asks; that is implied where stdin is no terminal, and where CI is set.',
    ],
  },
  environment: {
    title: 'Environment',
    blocks: [
      [
        ['AWS_PROFILE, AWS_ACCESS_KEY_ID, …', 'credentials and settings, as the aws command line has them'],
        ['AWS_ENDPOINT_URL', 'send AWS calls there instead; --endpoint-url is stronger'],
        ['AWS_ENDPOINT_URL_DYNAMODB', 'the same for the table of a team\u2019s state'],
        ['NO_COLOR, FORCE_COLOR', 'colour off, on'],
        ['COLUMNS', 'the width of the screen, where the terminal does not say'],
        ['CI', 'never ask'],
        ['XDG_STATE_HOME', 'journals, leases and incidents are in nanoops below it (default ~/.local/state)'],
        ['XDG_CACHE_HOME', 'compiled code and answers that cost money (default ~/.cache)'],
        ['NODE_DISABLE_COMPILE_CACHE', '1: keep no compiled code'],
        [
          'ECS_CONTAINER_METADATA_URI_V4',
          'set by ECS: a run that is kept in files there says that they are lost with it',
        ],
      ],
      'Everything that is kept is readable by you alone. Names in "${env:NAME}" of nanoops.yaml are variables of your own.',
    ],
  },
  'own-runbooks': {
    title: 'The first runbook of your own',
    blocks: [
      'What your team knows about its stack stands in files beside nanoops.yaml, one runbook or check a file. This one looks, asks, changes one thing and makes sure: runbooks/restart-tasks.yaml.',
      { file: firstRunbook },
      [
        ['nanoops runbook show restart-tasks', 'its steps, as a graph; every fault of the file, with its line'],
        ['nanoops runbook run restart-tasks --sandbox --dry-run', 'what it would do and change, on the simulated AWS'],
        ['nanoops runbook test restart-tasks --crash-everywhere', 'killed at every moment, it goes on where it was'],
        ['nanoops runbook run restart-tasks --sandbox', 'asks, and does it; leave out --sandbox for your own stack'],
        ['nanoops runbook list', 'the built-in ones, and yours'],
        ['nanoops config schema --of runbook', 'every key of such a file, as JSON Schema for an editor'],
      ],
      'checks/<id>.yaml holds a check of your own, runbooks/<id>.ts or .js a runbook in code: import { runbook, observe, act } from "nanoops". What the file declares is asked about, journaled, resumed and put back as in the built-in ones.',
    ],
  },
};

/** A column wider than this is no more read than a line across the whole screen. */
const widest = 100;

export function helpPage(topic: HelpTopic, columns: number): string {
  const { title, blocks } = pages[topic];
  const width = Math.max(20, Math.min(widest, columns));
  return `${[title, ...blocks.flatMap((block) => ['', ...blockLines(block, width)])].join('\n')}\n`;
}

function blockLines(block: Block, width: number): readonly string[] {
  if (typeof block === 'string') return wrap(block, width);
  return 'file' in block ? block.file.trimEnd().split('\n') : rows(block, width);
}

function rows(block: readonly (readonly [string, string])[], width: number): readonly string[] {
  const terms = Math.max(...block.map(([term]) => widthOf(term)));
  // Where the terms take half of it, each meaning has lines of its own.
  const isNarrow = terms + 4 > width / 2;
  return block.flatMap(([term, meaning]) => {
    if (isNarrow) return [`  ${term}`, ...wrap(meaning, width - 6).map((line) => `      ${line}`)];
    return wrap(meaning, width - terms - 4).map(
      (line, index) => `  ${padEnd(index === 0 ? term : '', terms)}  ${line}`,
    );
  });
}
