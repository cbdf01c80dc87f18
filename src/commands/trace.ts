/** `nanoops trace list|show|map`. */
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import type { DeclareCommand, Host } from './command.ts';
import { withStackFlags, withoutHelpFor, type StackFlags } from './flags.ts';
import { refuseFlags } from './refused-flags.ts';
import { examples } from './examples.ts';

export const declareTrace: DeclareCommand = (trace, host) => {
  trace
    .description(
      'Traces from X-Ray: the slowest or the failed ones, one as a waterfall, and who calls whom. Changes nothing.',
    )
    .addHelpText(
      'after',
      examples([
        ['nanoops trace list --errors', 'those that failed'],
        ['nanoops trace map', 'who calls whom'],
      ]),
    );
  declareList(trace, host);
  declareShow(trace, host);
  declareMap(trace, host);
};

const acting = ['--dry-run', '--approve', '--yes', '--accept-loss'];
const exits =
  'Exit codes: 0 shown, or none is slow or failed; 2 wrong usage or configuration; 3 there are no traces, or not this one, or they\ncould not be read; 130 interrupted.';

/** @throws NanoopsError `FlagWithoutMeaning` */
function refuseActing(flags: StackFlags): void {
  const because = { because: 'it changes nothing, and asks nothing', nextStep: 'leave it out' };
  refuseFlags(flags, { approve: because, yes: because, acceptLoss: because });
}

interface ListFlags extends StackFlags {
  readonly slowerThan?: string;
  readonly errors?: boolean;
  readonly limit: number;
}

const mostTraces = 100;

function parseLimit(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= mostTraces) return value;
  throw new InvalidArgumentError(`It has to be a whole number from 1 to ${mostTraces}.`);
}

function declareList(trace: Command, host: Host): void {
  withoutHelpFor(withStackFlags(trace.command('list')), acting)
    .option('--slower-than <duration>', 'only those that took longer, for example 500ms or 3s')
    .option('--errors', 'only those that the service answered with 4xx or 5xx, faults first')
    .addOption(new Option('--limit <count>', 'how many').argParser(parseLimit).default(20))
    .summary('the slowest traces of the service, or the failed ones')
    .description(
      'Lists traces of tracing.service, the slowest first, with what each spent most of its time in. The last 15 minutes unless --since says otherwise.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops trace list                                  the slowest of the last 15 minutes
  nanoops trace list --errors                         those that failed
  nanoops trace list --slower-than 3s --since 1h      what was slower than 3 s in the last hour
  nanoops trace list --since 3h --until 2h            an hour that is over
  nanoops trace list -o ndjson                        a trace a line
  nanoops trace list --sandbox slow-query             on the simulated AWS; needs nothing

${exits}`,
    )
    .action(async (flags: ListFlags) => {
      refuseActing(flags);
      const { traceList } = await import('../use-cases/trace-list.ts');
      await host.showSheet(flags, { scenario: 'healthy' }, async (session, { since, until, timeoutMs }) => {
        const { region, slowerThan, limit, errors: failed = false } = flags;
        const shown = await traceList(session, { region, since, until, timeoutMs, slowerThan, failed, limit });
        return { ...shown, items: shown.document.traces };
      });
    });
}

function declareShow(trace: Command, host: Host): void {
  withoutHelpFor(withStackFlags(trace.command('show')), [...acting, '--since', '--until'])
    .addArgument(new Argument('<id>', 'the trace: 1-5f84c7a5-…, as trace list, a log line or X-Amzn-Trace-Id has it'))
    .summary('one trace as a waterfall: self times, critical path')
    .description(
      'Draws one trace: who called whom, when, how long each part took in itself, and what the whole waited for. Says what is missing.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops trace show 1-5f84c7a5-e46cb62b27e3f5f7fbd5eb45
  nanoops trace show 1-5f84c7a5-e46cb62b27e3f5f7fbd5eb45 -v       with statements in full
  nanoops trace show 1-5f84c7a5-e46cb62b27e3f5f7fbd5eb45 --report trace.html

${exits}`,
    )
    .action(async (id: string, flags: StackFlags) => {
      refuseActing(flags);
      const because = { because: 'a trace has its time in its id', nextStep: 'leave it out' };
      refuseFlags(flags, { since: because, until: because });
      const { traceShow } = await import('../use-cases/trace-show.ts');
      await host.showSheet(flags, { scenario: 'healthy' }, async (session, { timeoutMs }) => {
        const shown = await traceShow(session, id, { region: flags.region, timeoutMs });
        return { ...shown, items: shown.document.spans };
      });
    });
}

interface MapFlags extends StackFlags {
  readonly format: 'text' | 'mermaid';
}

function declareMap(trace: Command, host: Host): void {
  withoutHelpFor(withStackFlags(trace.command('map')), acting)
    .addOption(new Option('--format <format>', 'how to draw it').choices(['text', 'mermaid']).default('text'))
    .summary('who calls whom, how often, how long it takes, how much fails')
    .description(
      'The service graph of a region: every kind of call with its requests, average, p95 and share of faults. The last 15 minutes unless --since says otherwise.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops trace map                                   the last 15 minutes
  nanoops trace map --since 3h --until 2h             an hour that is over
  nanoops trace map --format mermaid                  for a page that draws it
  nanoops trace map --report map.html                 a page with the picture
  nanoops trace map --sandbox downstream-dependency   on the simulated AWS; needs nothing

${exits}`,
    )
    .action(async (flags: MapFlags) => {
      refuseActing(flags);
      const { traceMap } = await import('../use-cases/trace-map.ts');
      await host.showSheet(flags, { scenario: 'healthy' }, async (session, { since, until, timeoutMs }) => {
        const { document, sheet } = await traceMap(session, { region: flags.region, since, until, timeoutMs });
        return { document, sheet, items: document.calls, drawing: flags.format };
      });
    });
}
