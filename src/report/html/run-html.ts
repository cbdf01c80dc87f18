/**
 * A run as one page of HTML that stands alone: no script, no picture, no font, nothing from anywhere, so that it opens in
 * ten years and can be sent to anybody. The verdict first, then what it rests on, then every step. Times are UTC, since
 * readers sit in several zones.
 */
import { clockText, recoveryModeText, spanText } from '../objective-text.ts';
import type { RunDocument } from '../schemas.ts';
import { apiUseText, counted, durationText, headlineOf, utcText } from '../wording.ts';
import { dataTable, type Column } from './data-table.ts';
import {
  causesSection,
  changesSection,
  consistencySection,
  lessonsSection,
  notesSection,
  notices,
} from './findings.ts';
import { markup, unbroken, type Content, type Markup } from './html.ts';
import { markOf, statusText } from './marks.ts';
import { objectivesSection } from './objectives.ts';
import { style } from './style.ts';
import { timelineSection } from './timeline.ts';

type Step = RunDocument['steps'][number];

/** A headline longer than this is set smaller. */
const longHeadline = 140;

const headlineMarks = { good: '✓', bad: '!', doubt: '?' } as const;

/** The page, with an end of line. */
export function runHtml(run: RunDocument): string {
  const { tone, text } = headlineOf(run);
  const { recovery, failback, objectives, mode } = run;
  const mark = run.verdict === 'failed' ? '✗' : headlineMarks[tone];
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${kindOf(run)} on ${run.environment}: ${run.verdict}</title>
${style}
</head>
<body>
<header>
<p class="kicker">${kindOf(run)} · ${run.environment}${recovery === undefined ? undefined : ` · ${recovery.from} → ${recovery.to}`}</p>${
    recovery?.isSimulated === true ? markup`<p class="tag">on the simulated AWS</p>` : undefined
  }
<h1${text.length > longHeadline ? markup` class="long"` : undefined}>${markOf(mark, tone)}<span>${unbroken(text)}</span></h1>
${facts(run)}
</header>
<main>${notices(run)}${objectivesSection(failback === undefined ? 'Objectives' : 'Objectives: the way there', 'objectives', { objectives, recovery, mode })}${
    failback === undefined
      ? undefined
      : objectivesSection('Objectives: the way back', 'way-back', { ...failback, mode })
  }${causesSection(run)}${timelineSection(run)}${lessonsSection(run)}${consistencySection(run)}${changesSection(run)}${notesSection(run)}${stepsSection(run)}${apiSection(run)}
</main>
<footer>
<p>Run <span class="id">${run.runId}</span>${recovery?.isSimulated === true ? ', on the simulated AWS' : undefined}. All times are UTC. Written by nanoops; this page loads nothing and runs no script.</p>
</footer>
</body>
</html>
`;
  return page.toString();
}

function kindOf({ recovery, runbook }: RunDocument): string {
  switch (recovery?.kind) {
    case 'drill':
      return 'Disaster-recovery drill';
    case 'failover':
      return 'Failover';
    case 'failback':
      return 'Failback';
    case undefined:
      return runbook;
  }
}

const modeWords = {
  observe: 'looked only',
  'dry-run': 'dry run: nothing was changed',
  execute: 'carried out',
} as const satisfies Record<RunDocument['mode'], string>;

const outageWords = {
  declared: 'as declared',
  given: 'as the operator says',
  probe: 'as the probe saw',
  unknown: 'nothing says since when',
} as const;

function facts(run: RunDocument): Markup {
  const { recovery, symptom, resumptions = 0, outcome } = run;
  const all: readonly (readonly [string, Content] | undefined)[] = [
    ['Run', markup`<span class="id">${run.runId}</span>`],
    ['Verdict', `${run.verdict} (exit code ${run.exitCode})`],
    ['Mode', recovery?.isSimulated === true ? `${modeWords[run.mode]}, on the simulated AWS` : modeWords[run.mode]],
    ...(recovery === undefined
      ? []
      : ([
          ['Regions', `${recovery.from} → ${recovery.to}`],
          ['Database', recoveryModeText(recovery)],
        ] as const)),
    ['Began', utcText(run.startedAt)],
    ['Took', durationText(run.durationMs)],
    recovery === undefined
      ? undefined
      : [
          'Outage',
          recovery.outageAt === null
            ? outageWords.unknown
            : `${utcText(recovery.outageAt)}, ${outageWords[recovery.outageBasis]}`,
        ],
    typeof recovery?.decideBy === 'string' ? ['Latest yes for RTO', utcText(recovery.decideBy)] : undefined,
    symptom === undefined ? undefined : ['Symptom', symptom.summary],
    typeof symptom?.onset === 'string'
      ? ['Since', `${utcText(symptom.onset)}${symptom.endedAt === null ? '' : ` to ${utcText(symptom.endedAt)}`}`]
      : undefined,
    outcome === undefined ? undefined : [outcome.helped ? 'It helped' : 'Outcome', outcome.summary],
    resumptions === 0 ? undefined : ['Taken up again', resumptions === 1 ? 'once' : `${resumptions} times`],
  ];
  return markup`<dl class="facts">
    ${all.map((fact) =>
      fact === undefined
        ? undefined
        : markup`<div>
            <dt>${fact[0]}</dt>
            <dd>${fact[1]}</dd>
          </div>`,
    )}
  </dl>`;
}

function stepsSection(run: RunDocument): Markup {
  const startMs = Date.parse(run.startedAt);
  const columns: readonly Column<Step>[] = [
    { title: 'Step', names: true, cell: ({ title, id }) => markup`${title}<br /><code class="faint">${id}</code>` },
    {
      title: 'Ended',
      brief: true,
      cell: ({ status, basis }) =>
        markup`${statusText(status)}${basis === undefined ? undefined : markup`<span class="faint small">${basis}</span>`}`,
    },
    {
      title: 'Found',
      cell: ({ detail, nextStep }) =>
        markup`${detail}${nextStep === undefined ? undefined : markup`<br /><strong>Next:</strong> ${nextStep}`}`,
    },
    {
      title: 'From',
      right: true,
      cell: ({ startedAt }) =>
        startedAt === null ? undefined : clockText(Math.max(0, Date.parse(startedAt) - startMs)),
    },
    { title: run.mode === 'dry-run' ? 'Would take' : 'Took', right: true, cell: tookCell },
    ...(run.steps.some(({ predictedMs }) => typeof predictedMs === 'number')
      ? [{ title: 'Predicted', right: true, cell: predictedCell }]
      : []),
  ];
  return markup`
    <section aria-labelledby="steps">
    <h2 id="steps">Every step</h2>${restsOn(run)}
    ${dataTable('Every step of the run', run.steps, columns)}
    </section>`;
}

function tookCell({ durationMs, attempts, startedAt }: Step): Content {
  if (startedAt === null) return undefined;
  return attempts > 1
    ? markup`${spanText(durationMs)}<br><span class="faint small">${counted(attempts, 'attempt')}</span>`
    : spanText(durationMs);
}

function predictedCell({ predictedMs, predictedP95Ms }: Step): Content {
  if (typeof predictedMs !== 'number') return undefined;
  return typeof predictedP95Ms === 'number'
    ? markup`${spanText(predictedMs)}<br><span class="faint small">95 % in ${spanText(predictedP95Ms)}</span>`
    : spanText(predictedMs);
}

/** What the predictions rest on, once for all of them. */
function restsOn({ steps }: RunDocument): Content {
  const sources = new Set(steps.flatMap(({ predictedFrom }) => (predictedFrom === undefined ? [] : [predictedFrom])));
  if (sources.size === 0) return undefined;
  const words = [...sources].map((source) => sourceWords[source]).join(' and ');
  return markup`
    <p class="faint">Predictions rest on ${words}.</p>`;
}

const sourceWords = {
  runs: 'past runs',
  'simulated-runs': 'past runs on the simulated AWS',
  model: 'the model of a dry run',
} as const satisfies Record<NonNullable<Step['predictedFrom']>, string>;

function apiSection(run: RunDocument): Markup {
  const operations = Object.entries(run.api.byOperation).toSorted(([a], [b]) => a.localeCompare(b));
  return markup`<section aria-labelledby="api">
    <h2 id="api">API use</h2>
    <p>${apiUseText(run)}.</p>
    ${
      operations.length === 0
        ? undefined
        : markup`<ul class="calls">
      ${operations.map(([operation, calls]) => markup`<li><code>${operation}</code><span>${calls}</span></li>`)}
    </ul>`
    }
  </section>`;
}
