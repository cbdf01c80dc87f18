/** Composes the program and runs it; the one place where errors become exit codes. */
import { Command, CommanderError } from 'commander';
import { declareBackup } from './commands/backup.ts';
import { declareCapacity } from './commands/capacity.ts';
import { declareCapture } from './commands/capture.ts';
import { declareAlerts } from './commands/alerts.ts';
import { declareChecklist } from './commands/checklist.ts';
import { declareChecks } from './commands/checks.ts';
import { declareConfig } from './commands/config.ts';
import { declareDiagnose } from './commands/diagnose.ts';
import type { DeclareCommand } from './commands/command.ts';
import { declareDr } from './commands/dr.ts';
import { declareIncident } from './commands/incident.ts';
import { declareLocks } from './commands/locks.ts';
import { declareLogs } from './commands/logs.ts';
import { declareNotify } from './commands/notify.ts';
import { declareRunbook } from './commands/runbook.ts';
import { declareRuns } from './commands/runs.ts';
import { declareSandbox } from './commands/sandbox.ts';
import { declareSlo } from './commands/slo.ts';
import { declareState } from './commands/state.ts';
import { declareStatus } from './commands/status.ts';
import { declareTrace } from './commands/trace.ts';
import { declareTune } from './commands/tune.ts';
import { outputFormats } from './commands/flags.ts';
import { colorLevel } from './composition/color.ts';
import { columnsOf } from './composition/columns.ts';
import { createHost } from './composition/host.ts';
import type { Io } from './composition/io.ts';
import { jsonText } from './composition/json-text.ts';
import { processIo } from './composition/process-io.ts';
import type { NanoopsError } from './errors.ts';
import { version } from './version.ts';

const commands: readonly DeclareCommand[] = [
  declareStatus,
  declareSlo,
  declareAlerts,
  declareChecks,
  declareChecklist,
  declareCapacity,
  declareLogs,
  declareTrace,
  declareTune,
  declareDiagnose,
  declareCapture,
  declareBackup,
  declareDr,
  declareIncident,
  declareRunbook,
  declareRuns,
  declareLocks,
  declareNotify,
  declareConfig,
  declareState,
  declareSandbox,
];

/** Runs the command line and gives its exit code. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  let exitCode = 0;
  const exit = { set: (code: number) => (exitCode = code) };
  const heard: string[] = [];
  const program = createProgram(io, heard);
  const host = createHost(io, exit, argv);
  for (const declare of commands) declare(program, host);
  inherit(program, program);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    return report(error, argv, io, heard);
  }
  return exitCode;
}

function createProgram(io: Io, heard: string[]): Command {
  return new Command('nanoops')
    .description('Runbooks, diagnosis and disaster-recovery drills for AWS stacks.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help on a command')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false })
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
  nanoops config schema                 what nanoops.yaml may hold
  nanoops <command> --help              examples for each command`,
    );
}

/** Subcommands declared by name take over what the program was told: where output goes, and that it must not exit. */
function inherit(parent: Command, program: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(program);
    inherit(command, program);
  }
}

async function report(error: unknown, argv: readonly string[], io: Io, heard: readonly string[]): Promise<number> {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const { toNanoopsError, errorDocument, commandWords } = await import('./composition/error-report.ts');
  const known: NanoopsError | undefined = toNanoopsError(error, heard, io.signal, argv);
  const document = errorDocument(known, error);
  const format = wantedFormat(argv);
  if (format === 'json' || format === 'ndjson') {
    io.stdout.write(`${jsonText(document, format === 'json' ? 2 : undefined)}\n`);
    return document.exitCode;
  }
  if (format === 'junit') {
    // A file that a pipeline takes away; whoever reads its log is told, too.
    const { errorJunit } = await import('./report/error-junit.ts');
    io.stdout.write(errorJunit(document, commandWords(argv).join(' ')));
  }
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
  const before = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const value = before.flatMap((word, index) => {
    if (word === '--json') return ['json'];
    if (word === '-o' || word === '--output') return [before[index + 1] ?? ''];
    const joined = /^(?:--output=|-o=?)(.+)$/.exec(word)?.[1];
    return joined === undefined ? [] : [joined];
  });
  return outputFormats.find((format) => format === value.at(-1)) ?? 'human';
}
