/** Shows an incident in the format that the flags ask for, and asks for what was not typed. */
import type { IncidentAnswers, IncidentChoices, ShownIncident } from '../commands/command.ts';
import { noTestCases, outputOf, type StackFlags } from '../commands/flags.ts';
import { colorLevel } from './color.ts';
import { columnsOf } from './columns.ts';
import type { Io } from './io.ts';
import { jsonText } from '../report/json-text.ts';

/** As ndjson, an event a line. */
export async function showIncident(
  io: Io,
  flags: StackFlags,
  { document, events, isBrief }: ShownIncident,
): Promise<string> {
  switch (outputOf(flags)) {
    case 'json':
      return jsonText(document, 2);
    case 'ndjson':
      return events.map((event) => jsonText({ ...event, at: new Date(event.at).toISOString() })).join('\n');
    case 'junit':
      throw noTestCases();
    case 'markdown': {
      const { incidentMarkdown } = await import('../report/incident-markdown.ts');
      return incidentMarkdown(document);
    }
    case 'human': {
      const { incidentView, incidentBrief } = await import('../terminal/incident-view.ts');
      const options = {
        columns: columnsOf(io),
        color: colorLevel(flags, io, io.stdout) > 0,
        verbose: flags.verbose === true,
      };
      return isBrief || flags.quiet === true ? incidentBrief(document, options) : incidentView(document, options);
    }
  }
}

/** Only where there is a terminal. */
export async function askForIncident(
  io: Io,
  flags: StackFlags,
  choices: IncidentChoices,
): Promise<IncidentAnswers | undefined> {
  const stdin = io.stdin?.stream?.();
  const output = io.stderr.stream?.();
  if (stdin === undefined || output === undefined) return undefined;
  const { askForIncident: ask } = await import('../terminal/incident-questions.ts');
  return ask(choices, {
    stdin,
    output,
    color: colorLevel(flags, io, io.stderr) > 0,
    signal: io.signal,
    interrupt: () => io.interrupt?.(),
  });
}
