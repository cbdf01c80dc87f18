/** A report on many services on a terminal: who is not well first, each with what is wrong; the well ones as a number. */
import {
  checkLine,
  fleetHeadline,
  inOrder,
  openChecks,
  serviceLook,
  serviceName,
  serviceTally,
} from '../report/fleet-text.ts';
import type { FleetDocument } from '../report/schemas.ts';
import { counted } from '../report/wording.ts';
import { adviceLines } from './advice.ts';
import { localText } from './local-text.ts';
import type { ReportViewOptions } from './report-view.ts';
import { paletteOf, widthFor } from './screen.ts';
import { plain, wrap } from './text.ts';

const marks = { good: '✓', bad: '!', doubt: '?' } as const;
/** What is open at one service, before the rest is only counted. */
const mostChecks = 5;

export interface FleetViewOptions extends ReportViewOptions {
  /** About when it was looked at, ISO 8601. */
  readonly at?: string;
}

/** Without an end of line. With `verbosity` 1 also the services that are well, and every open check. */
export function fleetView(fleet: FleetDocument, options: FleetViewOptions): string {
  const local = (text: string): string => localText(text, options.at, options.timeZone);
  const palette = paletteOf(options.color);
  const width = widthFor(options);
  const { tone, text } = fleetHeadline(fleet);
  const head = wrap(plain(text), width - 2).map((line, index) =>
    palette.strong(palette[tone](`${index === 0 ? marks[tone] : ' '} ${line}`)),
  );
  if (options.verbosity < 0) return head.join('\n');
  const isVerbose = options.verbosity > 0;
  const shown = inOrder(fleet.services).filter(({ verdict }) => isVerbose || verdict !== 'ok');
  const blocks = shown.map((service) => {
    const look = serviceLook(service);
    const open = openChecks(service);
    const listed = isVerbose ? open : open.slice(0, mostChecks);
    const rest = open.length - listed.length;
    const lines = [
      ...listed.map((check) => checkLine({ ...check, summary: local(check.summary) })),
      ...(rest > 0 ? [`and ${rest} more`] : []),
      ...(service.error?.details ?? []).map((detail) => `– ${detail}`),
    ];
    const below = (each: string, index: number): string => palette.faint(index === 0 ? each.slice(2) : each);
    return [
      ...indented(`${plain(serviceName(service))}: ${plain(serviceTally(service))}`, 4, width).map((line, index) =>
        index === 0 ? `  ${palette[look.tone](look.mark)} ${line.trimStart()}` : line,
      ),
      // What goes on stands under the words, not under the mark.
      ...lines.flatMap((line) => indented(plain(line), 8, width).map(below)),
      ...(service.error === undefined ? [] : adviceLines(`next: ${plain(service.error.nextStep)}`, width - 8)).map(
        (line, index) => below(`${' '.repeat(8)}${line}`, index),
      ),
    ];
  });
  const foot = `${counted(fleet.services.length, 'service')} · ${counted(fleet.api.calls, 'call')}, ${counted(fleet.api.mutations, 'change')}`;
  return [head, ...(blocks.length === 0 ? [] : [blocks.flat()]), [palette.faint(foot)]]
    .map((block) => block.join('\n'))
    .join('\n\n');
}

function indented(text: string, left: number, width: number): readonly string[] {
  return wrap(text, Math.max(20, width - left)).map((line) => `${' '.repeat(left)}${line}`);
}
