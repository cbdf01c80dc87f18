/** Shows a report of checks in the format that the flags ask for, and says meanwhile that something is being looked at. */
import { outputOf, type StackFlags } from '../commands/flags.ts';
import type { RunEvent } from '../engine/events.ts';
import type { ReportDocument } from '../report/schemas.ts';
import { colorLevel } from './color.ts';
import { columnsOf } from './columns.ts';
import type { Io } from './io.ts';
import { jsonText } from '../report/json-text.ts';
import { isSet } from './person.ts';

export interface ReportPresenter {
  event(event: RunEvent): void;
  /** Shows it, and writes it to where `--report` says. */
  finish(document: ReportDocument): Promise<void>;
  /** Leaves the screen as it is, whatever became of the work. */
  close(): void;
}

export async function reportPresenter(
  io: Io,
  flags: StackFlags,
  print: (text: string) => void,
): Promise<ReportPresenter> {
  const progress = await progressOn(io, flags);
  return {
    event: (event) => progress?.event(event),
    async finish(document) {
      progress?.stop();
      print(await textOf(io, flags, document));
      await writeDown(flags, document);
    },
    close: () => progress?.stop(),
  };
}

async function progressOn(io: Io, flags: StackFlags) {
  const stream = io.stderr.stream?.();
  const isWatched = io.stderr.isTTY === true && !isSet(io.env['CI']) && flags.quiet !== true;
  if (stream === undefined || !isWatched || outputOf(flags) === 'ndjson') return undefined;
  const { lookingSpinner } = await import('../terminal/report-view.ts');
  return lookingSpinner(stream, colorLevel(flags, io, io.stderr) > 0);
}

/** As ndjson, a check a line. */
async function textOf(io: Io, flags: StackFlags, document: ReportDocument): Promise<string> {
  switch (outputOf(flags)) {
    case 'json':
      return jsonText(document, 2);
    case 'ndjson':
      return document.checks.map((check) => jsonText(check)).join('\n');
    case 'junit':
      return junitOf(flags, document);
    case 'markdown': {
      const { reportMarkdown } = await import('../report/report-markdown.ts');
      return reportMarkdown(document);
    }
    case 'human': {
      const options = {
        columns: columnsOf(io),
        color: colorLevel(flags, io, io.stdout) > 0,
        verbosity: flags.quiet === true ? -1 : flags.verbose === true ? 1 : 0,
      } as const;
      if (document.command === 'status')
        return (await import('../terminal/status-view.ts')).statusView(document, options);
      return (await import('../terminal/report-view.ts')).reportView(document, options);
    }
  }
}

async function junitOf({ failOn = 'warning' }: StackFlags, document: ReportDocument): Promise<string> {
  const { reportJunit } = await import('../report/report-junit.ts');
  return reportJunit(document, failOn);
}

export async function writeDown(flags: StackFlags, document: ReportDocument): Promise<void> {
  const { report } = flags;
  if (report === undefined) return;
  const { writeReport } = await import('../report/report-file.ts');
  await writeReport(report, document, {
    markdown: async () => (await import('../report/report-markdown.ts')).reportMarkdown(document),
    html: async () => (await import('../report/html/report-html.ts')).reportHtml(document),
    junit: () => junitOf(flags, document),
  });
}
