/** Shows a forecast in the format that the flags ask for, and writes it to where `--report` says. */
import { outputOf, type StackFlags } from '../commands/flags.ts';
import type { ForecastDocument } from '../report/schemas.ts';
import { colorLevel } from './color.ts';
import { columnsOf } from './columns.ts';
import type { Io } from './io.ts';
import { jsonText } from '../report/json-text.ts';

export async function showForecast(
  io: Io,
  flags: StackFlags,
  document: ForecastDocument,
  print: (text: string) => void,
): Promise<void> {
  print(await textOf(io, flags, document));
  if (flags.report === undefined) return;
  const { writeReport } = await import('../report/report-file.ts');
  await writeReport(flags.report, document, {
    markdown: async () => (await import('../report/forecast-markdown.ts')).forecastMarkdown(document),
    junit: () => junitOf(flags, document),
    html: async () => (await import('../report/html/forecast-html.ts')).forecastHtml(document),
  });
}

/** As ndjson, a tier or a resource a line. */
async function textOf(io: Io, flags: StackFlags, document: ForecastDocument): Promise<string> {
  switch (outputOf(flags)) {
    case 'json':
      return jsonText(document, 2);
    case 'ndjson':
      return [...document.users.tiers.map((tier) => ({ id: `users-${tier.users}`, ...tier })), ...document.resources]
        .map((each) => jsonText(each))
        .join('\n');
    case 'junit':
      return junitOf(flags, document);
    case 'markdown':
      return (await import('../report/forecast-markdown.ts')).forecastMarkdown(document);
    case 'human':
      return (await import('../terminal/forecast-view.ts')).forecastView(document, {
        columns: columnsOf(io),
        color: colorLevel(flags, io, io.stdout) > 0,
        verbosity: flags.quiet === true ? -1 : flags.verbose === true ? 1 : 0,
      });
  }
}

async function junitOf({ failOn = 'warning' }: StackFlags, document: ForecastDocument): Promise<string> {
  return (await import('../report/forecast-junit.ts')).forecastJunit(document, failOn);
}
