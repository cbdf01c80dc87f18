/**
 * The users as a drawing: the days that were, the trend with its band, the tier that they are within. Lines are drawn in a
 * box that is stretched to the page, and letters stand beside it as text, so that they stay as large as the reader's. What it
 * shows is told in words, and as a table, to who does not see it.
 */
import { chartOf, countText, dayDate, type ChartFigures } from '../forecast-text.ts';
import type { ForecastDocument } from '../schemas.ts';
import { dataTable } from './data-table.ts';
import { markup, percentOf, type Markup } from './html.ts';

const size = { width: 1000, height: 300 };

/** Nothing where there are too few days to draw. */
export function forecastFigure(document: ForecastDocument): Markup | undefined {
  const figures = chartOf(document);
  if (figures === undefined) return undefined;
  const { history, projection, limit, least, most, from, to, today } = figures;
  const x = (day: number): number => round(((day - from) / (to - from)) * size.width);
  const y = (value: number): number =>
    round(((most - Math.min(most, Math.max(least, value))) / (most - least)) * size.height);
  const path = (points: readonly (readonly [number, number])[]): string =>
    points.length === 0 ? '' : `M${points.map(([day, value]) => `${x(day)} ${y(value)}`).join('L')}`;
  const band = [
    ...projection.map(({ day, high }) => [day, high] as const),
    ...projection.toReversed().map(({ day, low }) => [day, low] as const),
  ];
  const labels = limit === undefined ? [most, least] : [limit, least];
  return markup`<figure class="forecast">
    <div class="plot">
      <svg viewBox="0 0 ${size.width} ${size.height}" preserveAspectRatio="none" role="img" aria-labelledby="chart-title chart-text">
        <title id="chart-title">Daily active users, and where they are going</title>
        <desc id="chart-text">${inWords(figures)}</desc>
        ${band.length === 0 ? undefined : markup`<path class="band" d="${path(band)}Z"/>`}
        ${
          limit === undefined
            ? undefined
            : markup`<path class="limit" d="${path([
                [from, limit],
                [to, limit],
              ])}"/>`
        }
        <path class="today" d="M${x(today)} 0V${size.height}"/>
        <path class="trend" d="${path(projection.map(({ day, central }) => [day, central] as const))}"/>
        <path class="history" d="${path(history.map(({ day, value }) => [day, value] as const))}"/>
      </svg>
      ${labels.map(
        (value) =>
          markup`<span class="at${value === least ? ' low' : ''}" aria-hidden="true" style="top:${percentOf(most - value, most - least)}">${countText(value)}</span>`,
      )}
    </div>
    <div class="ticks" aria-hidden="true">
      <span style="left:0">${dayDate(from)}</span>
      <span style="left:${percentOf(today - from, to - from)}">today</span>
      <span class="end" style="left:100%">${dayDate(to)}</span>
    </div>
    <figcaption class="legend" aria-hidden="true">
      <span><span class="line history"></span>days</span>
      <span><span class="line trend"></span>trend</span>
      <span><span class="line band"></span>nine days of ten</span>
      ${limit === undefined ? undefined : markup`<span><span class="line limit"></span>tier</span>`}
    </figcaption>
    ${tableOf(document)}
  </figure>`;
}

function tableOf({ users }: ForecastDocument): Markup | undefined {
  if (users.projection.length === 0) return undefined;
  return markup`<details>
    <summary>The trend as a table</summary>
    ${dataTable(
      'The trend of daily active users',
      users.projection,
      [
        { title: 'Day', names: true, cell: ({ day }) => day },
        { title: 'Low', right: true, cell: ({ low }) => countText(Math.max(0, low)) },
        { title: 'Trend', right: true, cell: ({ central }) => countText(Math.max(0, central)) },
        { title: 'High', right: true, cell: ({ high }) => countText(high) },
      ],
      { small: true },
    )}
  </details>`;
}

function inWords({ history, projection, limit }: ChartFigures): string {
  const [first, last, end] = [history[0], history.at(-1), projection.at(-1)];
  const past = `From ${countText(first?.value ?? 0)} on ${dayDate(first?.day ?? 0)} to ${countText(last?.value ?? 0)} on ${dayDate(last?.day ?? 0)}.`;
  const coming =
    end === undefined
      ? ' No trend can be told.'
      : ` The trend leads to ${countText(Math.max(0, end.central))} on ${dayDate(end.day)}, between ${countText(Math.max(0, end.low))} and ${countText(end.high)}.`;
  return `${past}${coming}${limit === undefined ? '' : ` The tier ends at ${countText(limit)}.`}`;
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
