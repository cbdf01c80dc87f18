/**
 * A forecast on a terminal: the answer, the users on a chart with the plan's tiers, then every resource, what is reached
 * first above. Complete without colour.
 */
import {
  chartOf,
  countText,
  forecastHeadline,
  levelText,
  lookOfStatus,
  trendText,
  type ForecastResource,
} from '../report/forecast-text.ts';
import type { ForecastDocument } from '../report/schemas.ts';
import { counted, momentText } from '../report/wording.ts';
import { labelledAdvice } from './advice.ts';
import { forecastChart } from './forecast-chart.ts';
import { localText } from './local-text.ts';
import type { ReportViewOptions } from './report-view.ts';
import { paletteOf, widthFor, type Palette } from './screen.ts';
import { padEnd, plain, widthOf, wrap } from './text.ts';

const marks = { good: '✓', bad: '!', doubt: '?' } as const;
const chartHeight = 10;
/** With less beside the titles, text stands below them instead. */
const leastBeside = 32;

interface Look {
  readonly palette: Palette;
  readonly width: number;
  readonly isVerbose: boolean;
  /** The moments in a text on the reader's own clock. */
  readonly local: (text: string) => string;
}

/** Without an end of line. */
export function forecastView(document: ForecastDocument, options: ReportViewOptions): string {
  const local = (each: string): string => localText(each, document.generatedAt, options.timeZone);
  const palette = paletteOf(options.color);
  const width = widthFor(options);
  const { tone, text } = forecastHeadline(document);
  const paint = (line: string): string => palette.strong(palette[tone](line));
  if (options.verbosity < 0) return paint(`${marks[tone]} ${plain(local(text))}`);
  const look: Look = { palette, width, isVerbose: options.verbosity > 0, local };
  const head = wrap(plain(local(text)), width - 2).map((line, index) =>
    paint(`${index === 0 ? marks[tone] : ' '} ${line}`),
  );
  const { resources } = document;
  const shown = resources.filter(({ status }) => status !== 'not-configured').toSorted((a, b) => rank(a) - rank(b));
  const left = resources.filter(({ status }) => status === 'not-configured');
  const at = momentText(document.generatedAt, undefined, options.timeZone);
  const foot = `horizon ${counted(document.horizonDays, 'day')} · ${counted(document.api.calls, 'call')}, ${counted(document.api.mutations, 'change')} · ${at}`;
  return [
    head,
    usersLines(document, look),
    ...(shown.length === 0 ? [] : [resourceLines(shown, document, look)]),
    ...(left.length === 0 ? [] : [absentLines(left, look)]),
    wrap(foot, width).map((line) => palette.faint(line)),
  ]
    .map((block) => block.join('\n'))
    .join('\n\n');
}

const order = ['breach', 'warning', 'unknown', 'ok', 'not-configured'];

/** The worst first; among equals what is reached first, then what is used most. */
function rank({ status, at, level }: ForecastResource): number {
  const soon = at === null ? 1 - (level ?? 0) / 1000 : Date.parse(at) / 1e14;
  return order.indexOf(status) * 10 + soon;
}

function usersLines(document: ForecastDocument, look: Look): readonly string[] {
  const { palette, width, local } = look;
  const { users } = document;
  const figures = chartOf(document);
  const { mark, tone } = lookOfStatus(users.status);
  const growth =
    users.trend === null ? [] : [palette.faint(`  ${plain(trendText(users.trend))}, ${users.trend.growth}`)];
  const tierWidth = Math.max(0, ...users.tiers.map((tier) => countText(tier.users).length));
  const tiers = users.tiers.flatMap((tier) => {
    const name = countText(tier.users).padStart(tierWidth);
    const isHere = tier.users === users.within;
    const words = `${tier.summary}${tier.infrastructure === '' ? '' : ` · ${tier.infrastructure}`}`;
    return wrap(plain(words), Math.max(20, width - tierWidth - 6)).map(
      (line, index) => `  ${isHere && index === 0 ? '›' : ' '} ${index === 0 ? name : ' '.repeat(tierWidth)}  ${line}`,
    );
  });
  return [
    palette.strong('Daily active users'),
    ...wrap(plain(local(users.summary)), width - 4).map(
      (line, index) => `${index === 0 ? `  ${palette[tone](mark)} ` : '    '}${line}`,
    ),
    ...nextLines(users, look),
    ...(figures === undefined
      ? []
      : ['', ...forecastChart(figures, { width, height: chartHeight, palette }), ...growth]),
    ...(tiers.length === 0 ? [] : ['', palette.strong('Plan'), ...tiers]),
    ...evidenceLines(users.evidence, look),
  ];
}

function resourceLines(
  resources: readonly ForecastResource[],
  { thresholdPercent }: ForecastDocument,
  look: Look,
): readonly string[] {
  const { palette, width } = look;
  const titleWidth = Math.min(32, Math.max(...resources.map(({ title }) => widthOf(plain(title)))));
  const isNarrow = width - titleWidth - 6 < leastBeside;
  const left = isNarrow ? 6 : titleWidth + 6;
  return [
    palette.strong(`Resources, against ${thresholdPercent} % sustained`),
    ...resources.flatMap((resource) => {
      const { mark, tone } = lookOfStatus(resource.status);
      const lines = wrap(plain(look.local(resource.summary)), Math.max(20, width - left));
      const title = `  ${palette[tone](mark)} ${plain(resource.title)}`;
      const start = `  ${palette[tone](mark)} ${padEnd(plain(resource.title), titleWidth)}  `;
      const detail =
        look.isVerbose && resource.level !== null
          ? [palette.faint(`    ${levelText(resource)}, ${plain(trendText(resource.trend))}`)]
          : [];
      return [
        ...(isNarrow ? [title] : []),
        ...lines.map((line, index) => (index === 0 && !isNarrow ? start + line : ' '.repeat(left) + line)),
        ...nextLines(resource, look),
        ...detail,
        ...evidenceLines(resource.evidence, look),
      ];
    }),
  ];
}

function nextLines(
  { nextStep }: { readonly nextStep?: string | undefined },
  { palette, width }: Look,
): readonly string[] {
  if (nextStep === undefined) return [];
  return labelledAdvice(nextStep, { label: 'next', painted: palette.faint('next'), width, indent: '    ' });
}

function evidenceLines(evidence: ForecastResource['evidence'], { palette, width, isVerbose }: Look): readonly string[] {
  if (!isVerbose) return [];
  return evidence.flatMap(({ source, region, detail }) =>
    wrap(`${plain(detail)} [${plain(source)} ${plain(region)}]`, width - 4).map((line) => palette.faint(`    ${line}`)),
  );
}

function absentLines(resources: readonly ForecastResource[], { palette, width, local }: Look): readonly string[] {
  return resources.flatMap(({ title, summary }) =>
    wrap(`${plain(title)}: ${plain(local(summary))}`, width - 2).map((line, index) =>
      palette.faint(`${index === 0 ? '–' : ' '} ${line}`),
    ),
  );
}
