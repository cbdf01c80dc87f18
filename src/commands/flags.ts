/** The flags that commands share, declared once. What they mean is decided where they are used. */
import { Option, type Command } from 'commander';
import { NanoopsError } from '../errors.ts';
import { diagnoses } from './diagnoses.ts';
import { checkEndpointUrl } from './endpoint-url.ts';

export const outputFormats = ['human', 'json', 'ndjson', 'junit', 'markdown'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** For commands that check nothing and run nothing. */
const formatsWithoutCases = outputFormats.filter((format) => format !== 'junit');

/** Flags that every command takes. */
export interface CommonFlags {
  readonly config?: string;
  /** True where it comes from the journal of a run, and nobody typed it on this command line. */
  readonly isConfigKept?: boolean;
  readonly environment?: string;
  readonly output?: OutputFormat;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  /** False with `--no-color`. */
  readonly color?: boolean;
  /** False with `--no-input`. */
  readonly input?: boolean;
}

/** Flags of the commands that look at a stack. */
export interface StackFlags extends CommonFlags {
  readonly profile?: string;
  readonly region?: string;
  readonly endpointUrl?: string;
  readonly since?: string;
  readonly until?: string;
  /** True where the flag stands without a name. */
  readonly sandbox?: string | true;
  readonly seed?: string;
  readonly replay?: string;
  readonly report?: string;
  readonly timeout?: string;
  readonly dryRun?: boolean;
  /** `step-id` or `step-id@plan-hash`. */
  readonly approve?: readonly string[];
  readonly yes?: boolean;
  readonly acceptLoss?: string;
  readonly failOn?: FailOn;
}

/** From which status of a check on a report needs attention. */
export type FailOn = 'warning' | 'breach';

/** Adds the flags that every command takes. `hasCases`: there are checks or steps, which JUnit can have as test cases. */
function withCommonFlags(command: Command, hasCases: boolean): Command {
  return command
    .option('-c, --config <file>', 'configuration file (default: nanoops.yaml, searched upwards)')
    .option('-e, --environment <name>', 'lay environments.<name> of the file over the rest')
    .addOption(outputOption(hasCases))
    .addOption(new Option('--json', 'short for -o json').conflicts('output'))
    .option('-q, --quiet', 'the outcome only')
    .option('-v, --verbose', 'more detail')
    .addOption(
      new Option('--log-format <format>', 'what stderr holds: words, or structured lines').choices(['human', 'json']),
    )
    .option('--no-color', 'no colour (NO_COLOR and FORCE_COLOR hold too)')
    .option('--no-input', 'never ask (implied without a terminal, or when CI is set)');
}

function outputOption(hasCases: boolean): Option {
  const option = new Option('-o, --output <format>', 'what stdout holds');
  if (hasCases) return option.choices(outputFormats);
  option.choices(formatsWithoutCases);
  const { parseArg } = option;
  return option.argParser((value: string, before: string | undefined) => {
    if (value === 'junit') throw noTestCases();
    return parseArg?.(value, before);
  });
}

/** What a command says that was asked for JUnit, and has nothing that could be a test case. */
export function noTestCases(): NanoopsError {
  return new NanoopsError('-o junit: this command checks nothing and runs nothing, so it has no test cases', {
    code: 'NoTestCases',
    exitCode: 2,
    details: ['checks, reports, diagnoses, runs and drills have them'],
    nextStep: `choose ${formatsWithoutCases.slice(0, -1).join(', ')} or ${formatsWithoutCases.at(-1)}: -o json`,
  });
}

/**
 * Adds the flags of commands that look at a stack. `hasCases`: there are checks or steps, which JUnit can have. Those of a kind of
 * command are taken by all, and shown by `withReplay` and `withFailOn`.
 */
export function withStackFlags(command: Command, hasCases = true): Command {
  return declareStackFlags(command, hasCases).hook('preAction', (_command, action) => refuseReplay(action));
}

function declareStackFlags(command: Command, hasCases: boolean): Command {
  return withCommonFlags(command, hasCases)
    .option('--profile <name>', 'AWS profile, as the aws command line has it')
    .option('--region <region>', 'look at this one of the configured regions')
    .addOption(new Option('--endpoint-url <url>', 'send AWS calls there instead').argParser(endpointUrl))
    .option('--since <when>', 'when it began: a time (2026-11-23T10:00:00Z) or how long ago (40m)')
    .option('--until <when>', 'the end of the window, for what is over: a time or how long ago')
    .option('--sandbox [scenario]', 'run against the simulated AWS: no account, no file, no network')
    .option('--seed <number>', 'the simulation\u2019s seed (with --sandbox)')
    .addOption(new Option('--replay <capture>', 'diagnose what a capture holds: nothing is contacted').hideHelp())
    .option('--report <file>', 'also write a report: .md, .html, .json or .xml (JUnit)')
    .option('--timeout <duration>', 'the whole run\u2019s limit, for example 90s')
    .option('--dry-run', 'change nothing: rehearse on a model of what is there')
    .addOption(new Option('--approve <step[@hash]>', 'agree to a step\u2019s plan (repeatable)').argParser(collected))
    .option('--yes', 'agree to every plan that cannot lose data')
    .option('--accept-loss <duration>', 'how much of the newest data may be lost, for steps that can lose it')
    .addOption(
      new Option('--fail-on <level>', 'from what on to exit with 1')
        .choices(['warning', 'breach'] satisfies FailOn[])
        .default('warning' satisfies FailOn)
        .hideHelp(),
    );
}

/** For commands that can work on a capture in place of a stack. */
export function withReplay(command: Command): Command {
  optionOf(command, '--replay').hideHelp(false);
  return command;
}

/**
 * For commands whose document has checks, each with its status. What else is found (a cause, a missed objective, something that
 * blocks) is no mere warning: there the flag makes no difference, and is not shown.
 */
export function withFailOn(command: Command): Command {
  optionOf(command, '--fail-on').hideHelp(false);
  return command;
}

function optionOf(command: Command, name: string): Option {
  const option = command.options.find(({ long }) => long === name);
  if (option === undefined) throw new TypeError(`${command.name()} has no ${name}`);
  return option;
}

/** A capture answers what a diagnosis asked: elsewhere the flag is neither offered nor passed over. */
function refuseReplay(command: Command): void {
  if (command.opts<StackFlags>().replay === undefined || !optionOf(command, '--replay').hidden) return;
  const names = diagnoses.map(({ name }) => name);
  throw new NanoopsError('--replay: a capture holds what a diagnosis saw, and this command asks for more', {
    code: 'ReplayRefused',
    exitCode: 2,
    details: [`these can look at one: nanoops diagnose ${names.join('|')}, and nanoops capture with --leave-out`],
    nextStep: `nanoops diagnose ${names[0]} --replay <capture>`,
  });
}

/** Checked where it is read: also commands that contact nothing repeat it. */
function endpointUrl(value: string): string {
  checkEndpointUrl('--endpoint-url', value);
  return value;
}

export function collected(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/**
 * For commands that look at nothing: the flags are taken, so that a script may give them everywhere, but not shown.
 * `hasCases`: what they show are checks or steps, which JUnit can have.
 */
export function withUnusedStackFlags(command: Command, used: readonly string[] = [], hasCases = false): Command {
  const before = new Set(command.options);
  declareStackFlags(command, hasCases);
  const shown = new Set(['--output', '--json', '--quiet', '--verbose', '--log-format', '--no-color', ...used]);
  for (const option of command.options) {
    if (!before.has(option) && !shown.has(option.long ?? '')) option.hideHelp();
  }
  return command;
}

/** For commands that refuse some of these flags: whoever gives one is told why, and nobody is offered it. */
export function withoutHelpFor(command: Command, names: readonly string[]): Command {
  for (const option of command.options) if (names.includes(option.long ?? '')) option.hideHelp();
  return command;
}

export function outputOf(flags: CommonFlags): OutputFormat {
  return flags.output ?? (flags.json === true ? 'json' : 'human');
}
