/** Shows a report on many services in the format that the flags ask for. As ndjson, a service a line as soon as it is known. */
import { setImmediate } from 'node:timers/promises';
import { outputOf, type StackFlags } from '../commands/flags.ts';
import type { FleetDocument } from '../report/schemas.ts';
import type { FleetEntry } from '../use-cases/fleet.ts';
import { colorLevel } from './color.ts';
import { columnsOf } from './columns.ts';
import type { Io } from './io.ts';
import { jsonPieces, jsonText } from '../report/json-text.ts';
import { isSet } from './person.ts';

export interface FleetPresenter {
  readonly ended: (entry: FleetEntry, count: number, all: number) => void;
  finish(document: FleetDocument): Promise<void>;
  close(): void;
}

export async function fleetPresenter(
  io: Io,
  flags: StackFlags,
  print: (text: string) => void,
): Promise<FleetPresenter> {
  const format = outputOf(flags);
  const stream = io.stderr.stream?.();
  const isWatched = io.stderr.isTTY === true && !isSet(io.env['CI']) && flags.quiet !== true;
  const spinner =
    stream === undefined || !isWatched || format === 'ndjson'
      ? undefined
      : (await import('../terminal/spinner.ts')).oraSpinner(stream, colorLevel(flags, io, io.stderr) > 0);
  return {
    ended(entry, count, all) {
      if (format === 'ndjson') print(jsonText(entry));
      spinner?.show(`Looking at services, ${count} of ${all}`);
    },
    async finish(document) {
      spinner?.stop();
      if (format === 'json') {
        for (const piece of jsonPieces(document, 'services')) {
          io.stdout.write(piece);
          // Between two turns what was written is collected; a fleet's texts at once would be most of the memory.
          await setImmediate();
        }
        io.stdout.write('\n');
      } else if (format !== 'ndjson') print(await textOf(format, io, flags, document));
      if (flags.report === undefined) return;
      const { writeReport } = await import('../report/report-file.ts');
      await writeReport(flags.report, document, {
        markdown: async () => (await import('../report/fleet-markdown.ts')).fleetMarkdown(document),
        html: async () => (await import('../report/html/fleet-html.ts')).fleetHtml(document),
        junit: () => junitOf(flags, document),
      });
    },
    close: () => spinner?.stop(),
  };
}

async function junitOf({ failOn = 'warning' }: StackFlags, document: FleetDocument): Promise<string> {
  return (await import('../report/fleet-junit.ts')).fleetJunit(document, failOn);
}

async function textOf(
  format: 'junit' | 'markdown' | 'human',
  io: Io,
  flags: StackFlags,
  document: FleetDocument,
): Promise<string> {
  switch (format) {
    case 'junit':
      return junitOf(flags, document);
    case 'markdown':
      return (await import('../report/fleet-markdown.ts')).fleetMarkdown(document);
    case 'human': {
      const { fleetView } = await import('../terminal/fleet-view.ts');
      return fleetView(document, {
        columns: columnsOf(io),
        color: colorLevel(flags, io, io.stdout) > 0,
        verbosity: flags.quiet === true ? -1 : flags.verbose === true ? 1 : 0,
        at: new Date().toISOString(),
      });
    }
  }
}
