/** RTO and RPO against their objectives, where the time went, and how that compares with the plan of minutes. */
import {
  budgetTotals,
  clockText,
  objectiveViews,
  phasesOf,
  spanText,
  stateMark,
  stateText,
  stateTone,
  valueText,
  type BudgetItem,
  type ObjectiveView,
  type Objectives,
  type Recovery,
} from '../objective-text.ts';
import type { RunDocument } from '../schemas.ts';
import { percent } from '../wording.ts';
import { dataTable, type Column } from './data-table.ts';
import { markup, percentOf, unbroken, type Content, type Markup } from './html.ts';
import { markOf } from './marks.ts';

export interface Way {
  readonly objectives: Objectives | undefined;
  readonly recovery: Recovery | undefined;
  readonly mode: RunDocument['mode'];
}

/** The section of one way; `id` makes its heading's anchor. */
export function objectivesSection(title: string, id: string, { objectives, recovery, mode }: Way): Content {
  const budget = recovery?.budget ?? [];
  if (objectives === undefined && budget.length === 0) return undefined;
  const [rto, rpo] = objectives === undefined ? [] : objectiveViews(objectives, mode);
  return markup`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    <div class="pair">
      ${
        objectives === undefined || rto === undefined || rpo === undefined
          ? undefined
          : [card(rto, 'Recovery time', phases(objectives, rto)), card(rpo, 'Lost data', stores(objectives, rpo))]
      }
    </div>
    ${budget.length === 0 ? undefined : budgetTable(budget, objectives)}
  </section>`;
}

function card(view: ObjectiveView, title: string, below: Content): Markup {
  const { name, targetMs, state } = view;
  return markup`<div class="card">
    <h3>${name} <span class="faint">${title}</span></h3>
    <p class="value${view.valueMs === null ? ' none' : ''}">
      ${valueText(view)} <small>of ${spanText(targetMs)}</small>
    </p>
    <p class="state ${stateTone(state)}">${markOf(stateMark(state), stateTone(state))} ${stateText(state)}</p>
    ${bar(view)}${
      view.rests === undefined || view.predictedMs === null
        ? undefined
        : markup`
    <p class="faint small">Predicted ${view.rests}.</p>`
    }${below}
  </div>`;
}

/** As long as the objective, or as whatever went beyond it; the mark stands at the objective. */
function bar({ name, valueMs, targetMs, predictedMs, source }: ObjectiveView): Markup {
  const guessMs = source === 'measured' ? predictedMs : null;
  const whole = Math.max(targetMs, valueMs ?? 0, guessMs ?? 0);
  const words = [
    `${name}: ${valueMs === null ? `not ${source}` : `${source} ${spanText(valueMs)}, ${percent(valueMs / Math.max(1, targetMs))} of the objective`}`,
    ...(guessMs === null ? [] : [`predicted ${spanText(guessMs)}`]),
    `objective ${spanText(targetMs)}`,
  ].join('; ');
  const aims = `objective ${spanText(targetMs)}`;
  return markup`<div class="track${valueMs === null ? ' unknown' : ''}" role="img" aria-label="${words}">
      ${guessMs === null ? undefined : markup`<span class="guess" style="width:${percentOf(guessMs, whole)}"></span>`}
      ${valueMs === null || valueMs === 0 ? undefined : filled(valueMs, targetMs, whole, source)}
      <span class="aim" style="left:${percentOf(targetMs, whole)}"></span>
    </div>
    <p class="scale">
      <span>${guessMs === null ? '0' : `predicted ${spanText(guessMs)}`}</span>
      <span>${whole > targetMs ? `${aims}, scale to ${spanText(whole)}` : aims}</span>
    </p>`;
}

/** What goes beyond the objective stands out. */
function filled(valueMs: number, targetMs: number, whole: number, source: ObjectiveView['source']): Markup {
  const look = source === 'predicted' ? ' predicted' : '';
  const over = percentOf(valueMs - targetMs, whole);
  return markup`
    <span class="fill${look}" style="width:${percentOf(valueMs, whole)}"></span>
    ${
      valueMs > targetMs
        ? markup`<span class="fill over" style="left:${percentOf(targetMs, whole)};width:${over}"></span>`
        : undefined
    }`;
}

/** What RTO is made of, as shares of their sum; shares of what is not all known would mislead, and are not drawn. */
function phases(objectives: Objectives, { source }: ObjectiveView): Content {
  const all = phasesOf(objectives);
  const total = all.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
  if (all.every(({ ms }) => ms === null)) return markup`<p class="faint">No phase of it was ${source}.</p>`;
  const isWhole = all.every(({ ms }) => ms !== null);
  const stacked = all.flatMap(({ ms }, index) =>
    ms === null || ms === 0 ? [] : [markup`<span class="p${index + 1}" style="width:${percentOf(ms, total)}"></span>`],
  );
  return markup`${isWhole ? markup`<div class="stack" aria-hidden="true">${stacked}</div>` : undefined}
    <ul class="rows">
      ${all.map(
        ({ name, ms }, index) =>
          markup`<li>
            <span>${isWhole ? markup`<span class="key p${index + 1}" aria-hidden="true"></span>` : undefined}${phaseTitles[name]}</span>
            <span>${ms === null ? markup`<span class="faint">not ${source}</span>` : clockText(ms)}</span>
          </li>`,
      )}
    </ul>`;
}

const phaseTitles = {
  detect: 'Detect',
  decide: 'Decide',
  execute: 'Execute',
  verify: 'Verify',
  clients: 'Wait for clients’ caches',
} as const;

function stores({ rpo }: Objectives, { source }: ObjectiveView): Content {
  if (rpo.stores.length === 0) return markup`<p class="faint">No store’s loss was ${source}.</p>`;
  return markup`<ul class="rows">
    ${rpo.stores.map(
      ({ store, lossMs, basis }) =>
        markup`<li>
          <span>${store}</span>
          <span>${lossMs === null ? markup`<span class="faint">not ${source}</span>` : spanText(lossMs)}</span>
          <span class="wide faint small">${basis}</span>
        </li>`,
    )}
  </ul>`;
}

function budgetTable(budget: readonly BudgetItem[], objectives: Objectives | undefined): Markup {
  const whole = Math.max(
    ...budget.map(({ plannedMs, measuredMs, predictedMs }) => Math.max(plannedMs, measuredMs ?? 0, predictedMs ?? 0)),
  );
  const isMeasured = budget.some(({ measuredMs }) => measuredMs !== null);
  const predicted: Column<BudgetItem> = {
    title: 'Predicted',
    right: true,
    cell: ({ predictedMs }) => quiet(predictedMs, 'not predicted'),
  };
  const measured: Column<BudgetItem> = {
    title: 'Measured',
    right: true,
    cell: ({ measuredMs }) => quiet(measuredMs, 'not measured'),
  };
  const shown = isMeasured ? 'measured' : 'predicted';
  const end: BudgetItem = {
    id: 'total',
    title: 'From end to end',
    ...budgetTotals(budget, objectives),
  };
  return markup`<h3>Against the plan of minutes</h3>
    <div class="budget">
      ${dataTable(
        'Minutes planned, predicted and measured',
        [...budget, end],
        [
          { title: 'Part', names: true, cell: ({ title }) => title },
          { title: 'Planned', right: true, cell: ({ plannedMs }) => unbroken(spanText(plannedMs)) },
          ...(budget.some(({ predictedMs }) => predictedMs !== null) ? [predicted] : []),
          ...(isMeasured ? [measured] : []),
          {
            title: 'Beside the plan',
            bar: true,
            cell: (item) => (item === end ? undefined : budgetBar(item, whole)),
          },
        ],
        { small: true },
      )}
      <p class="legend" aria-hidden="true">
        <span><span class="swatch track"><span class="planned"></span></span>planned</span>
        <span><span class="swatch track"><span class="fill${isMeasured ? '' : ' predicted'}"></span></span>${shown}</span>
      </p>
      <p class="faint small">Parts run side by side, so that the whole takes less than their sum; the plan is a sum.</p>
    </div>`;
}

function budgetBar({ plannedMs, measuredMs, predictedMs }: BudgetItem, whole: number): Markup {
  const shown = measuredMs ?? predictedMs;
  const look = measuredMs === null ? ' predicted' : '';
  return markup`<div class="track" aria-hidden="true">
    <span class="planned" style="width:${percentOf(plannedMs, whole)}"></span>${
      shown === null || shown === 0
        ? undefined
        : markup`<span class="fill${look}" style="width:${percentOf(shown, whole)}"></span>`
    }
  </div>`;
}

function quiet(ms: number | null, otherwise: string): Content {
  return ms === null ? markup`<span class="faint">${otherwise}</span>` : unbroken(spanText(ms));
}
