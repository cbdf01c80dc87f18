/** Composes the program and runs it; the one place where errors become exit codes. */
import {
  Command,
  CommanderError,
  Help,
  type AddHelpTextContext,
  type AddHelpTextPosition,
  type ErrorOptions,
} from 'commander';
import { commands } from './commands/catalogue.ts';
import { outputFormats, withStackFlags } from './commands/flags.ts';
import { laidOut } from './commands/help-layout.ts';
import { colorLevel } from './composition/color.ts';
import { columnsOf } from './composition/columns.ts';
import { createHost } from './composition/host.ts';
import type { Io } from './composition/io.ts';
import { jsonText } from './report/json-text.ts';
import type { StructuredLog } from './composition/structured-log.ts';
import { processIo } from './composition/process-io.ts';
import type { NanoopsError } from './errors.ts';
import { version } from './version.ts';

/** Runs the command line and gives its exit code. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  let exitCode = 0;
  const exit = { set: (code: number) => (exitCode = code) };
  const heard: string[] = [];
  const program = createProgram(io, heard);
  const log = await logOn(argv, io);
  const host = createHost(log?.io ?? io, exit);
  for (const { name, summary, load } of commands) {
    const command = program.command(name, { hidden: summary === undefined }).summary(summary ?? '');
    if (argv.includes(name)) (await load())(command, host);
  }
  inherit(program, program);
  program.hook('preAction', (_program, action) => refuseSwallowed(action, argv));
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    exitCode = await report(error, argv, io, heard, log?.log);
  }
  log?.log.finished(exitCode);
  return exitCode;
}

/**
 * An option whose value was forgotten takes the next flag for it: `--public --sandbox` would tell customers "--sandbox", on the real
 * stack. Who means it writes `--public=--sandbox`.
 */
function refuseSwallowed(action: Command, argv: readonly string[]): void {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const flags = new Set(action.options.flatMap(({ long, short }) => [long, short]));
  for (const option of action.options) {
    const at = words.findIndex((word) => option.required && (word === option.long || word === option.short));
    const value = words[at + 1];
    if (at === -1 || value === undefined || !flags.has(value)) continue;
    action.error(`error: option '${option.flags}' argument missing: "${value}" is a flag of its own`, {
      code: 'commander.optionMissingArgument',
      exitCode: 2,
    });
  }
}

/** The structured log, where the command line asks for one. */
async function logOn(argv: readonly string[], io: Io) {
  if (valuesOf(argv, ['--log-format']).at(-1) !== 'json') return undefined;
  const [{ structuredLog, loggedIo }, { commandWords }] = await Promise.all([
    import('./composition/structured-log.ts'),
    import('./composition/error-report.ts'),
  ]);
  const log = structuredLog(
    (text) => void io.stderr.write(text),
    () => Date.now(),
  );
  log.started(commandWords(argv).join(' '));
  return { log, io: loggedIo(io, log) };
}

/** A command whose help fits the screen to its end, and which knows that flags may stand where its subcommand is missing. */
class TaughtCommand extends Command {
  override createCommand(name?: string): Command {
    return new TaughtCommand(name);
  }

  override error(message: string, options?: ErrorOptions): never {
    if (options?.code === 'commander.unknownOption' && this.#lacksSubcommand()) this.help({ error: true });
    return super.error(message, options);
  }

  #lacksSubcommand(): boolean {
    const [word = ''] = this.args;
    const flag = word.startsWith('--') ? word.replace(/=.*/, '') : word.slice(0, 2);
    // Those of the program's commands are known once they are typed.
    const subcommands = this.parent === null ? [withStackFlags(new Command())] : this.commands;
    const isTyped = this.commands.some((each) => this.args.includes(each.name()));
    return (
      !isTyped &&
      this.commands.length > 0 &&
      subcommands.some((each) => each.options.some((option) => option.long === flag || option.short === flag))
    );
  }

  override addHelpText(position: AddHelpTextPosition, text: string | ((context: AddHelpTextContext) => string)): this {
    return super.addHelpText(position, (context) => {
      const screen = this.configureOutput();
      const columns = (context.error ? screen.getErrHelpWidth?.() : screen.getOutHelpWidth?.()) ?? 80;
      return laidOut(typeof text === 'string' ? text : text(context), columns);
    });
  }
}

function createProgram(io: Io, heard: string[]): Command {
  return (
    new TaughtCommand('nanoops')
      .description('Runbooks, diagnosis and disaster-recovery drills for AWS stacks.')
      .version(version, '-V, --version', 'print the version')
      .helpOption('-h, --help', 'print help')
      // Ours knows topics besides.
      .helpCommand(false)
      .showSuggestionAfterError()
      .configureHelp({
        showGlobalOptions: false,
        subcommandTerm: termOf,
        // Beside long options, a narrow screen has few columns left; without, its own wrapping would break words.
        minWidthToWrap: 10,
      })
      .configureOutput({
        writeOut: (text) => void io.stdout.write(text),
        writeErr: (text) => void heard.push(text),
        getOutHasColors: () => false,
        getErrHasColors: () => false,
        getOutHelpWidth: () => columnsOf(io),
        getErrHelpWidth: () => columnsOf(io),
      })
      .exitOverride()
      .addHelpText(
        'after',
        `
Start here:
  nanoops diagnose latency --sandbox    a simulated incident; needs no account and no file
  nanoops init                          find your stack, and write nanoops.yaml
  nanoops config schema                 what nanoops.yaml may hold
  nanoops <command> --help              examples for each command
  nanoops help exit-codes               also: configuration, output, environment, own-runbooks`,
      )
  );
}

/** The program's own commands are listed by their names: of those that were not typed no more is known. */
function termOf(command: Command): string {
  return command.parent?.parent === null ? command.name() : Help.prototype.subcommandTerm(command);
}

/** Subcommands declared by name take over what the program was told: where output goes, and that it must not exit. */
function inherit(parent: Command, program: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(program);
    inherit(command, program);
  }
}

async function report(
  error: unknown,
  argv: readonly string[],
  io: Io,
  heard: readonly string[],
  log: StructuredLog | undefined,
): Promise<number> {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const { toNanoopsError, errorDocument, commandWords } = await import('./composition/error-report.ts');
  const known: NanoopsError | undefined = toNanoopsError(error, heard, io.signal, argv);
  const document = errorDocument(known, error);
  const format = wantedFormat(argv);
  log?.failed(document);
  if (format === 'json' || format === 'ndjson') {
    io.stdout.write(`${jsonText(document, format === 'json' ? 2 : undefined)}\n`);
    return document.exitCode;
  }
  if (format === 'junit') {
    // A file that a pipeline takes away; whoever reads its log is told, too.
    const { errorJunit } = await import('./report/error-junit.ts');
    io.stdout.write(errorJunit(document, commandWords(argv).join(' ')));
  }
  if (log !== undefined) return document.exitCode;
  if (error instanceof CommanderError && error.code === 'commander.help') {
    io.stderr.write(heard.join('')); // A command without its subcommand: the help says which there are.
    return document.exitCode;
  }
  const { errorView } = await import('./terminal/error-view.ts');
  const color = colorLevel({ color: !argv.includes('--no-color') }, io, io.stderr) > 0;
  const verbose = argv.includes('-v') || argv.includes('--verbose');
  io.stderr.write(errorView(known ?? error, { verbose, columns: columnsOf(io), color }));
  return document.exitCode;
}

/** The output format, read off a command line that may not parse. */
function wantedFormat(argv: readonly string[]): (typeof outputFormats)[number] {
  const value = valuesOf(argv, ['-o', '--output'], { '--json': 'json' }).at(-1);
  return outputFormats.find((format) => format === value) ?? 'human';
}

/** The values that an option is given, under all of its names. `shorts`: words that stand for a value. */
function valuesOf(
  argv: readonly string[],
  names: readonly string[],
  shorts: Readonly<Record<string, string>> = {},
): readonly string[] {
  const before = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  return before.flatMap((word, index) => {
    const short = shorts[word];
    if (short !== undefined) return [short];
    if (names.includes(word)) return [before[index + 1] ?? ''];
    return names.flatMap((name) => {
      if (name.startsWith('--')) return word.startsWith(`${name}=`) ? [word.slice(name.length + 1)] : [];
      return word.startsWith(name) && !word.startsWith('--') ? [word.slice(name.length).replace(/^=/, '')] : [];
    });
  });
}
