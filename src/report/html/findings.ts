/** What a run found, did and leaves to do: causes with their evidence, changes, data checks, lessons, notes. */
import { confidenceText } from '../../cloud/quantity.ts';
import { changeGroups, differencesIn, howToLook, type Mutation } from '../change-text.ts';
import { splitBrainText } from '../objective-text.ts';
import type { RunDocument } from '../schemas.ts';
import { commandsOf, confidenceInWords, otherStepsOf } from '../wording.ts';
import { dataTable } from './data-table.ts';
import { markup, type Content, type Markup } from './html.ts';
import { checkMark, markOf } from './marks.ts';

type Cause = RunDocument['causes'][number];
type Evidence = Cause['for'][number];

/** What a reader must know before all else: what stood in the way, and that two regions may write. */
export function notices(run: RunDocument): Content {
  const ways = [
    { way: '', recovery: run.recovery },
    { way: 'On the way back: ', recovery: run.failback?.recovery },
  ];
  return [
    ...ways.map(({ way, recovery }) =>
      recovery === undefined || recovery.blockers.length === 0
        ? undefined
        : notice(
            `${way}What stands in the way`,
            'bad',
            markup`<ul>
              ${recovery.blockers.map((each) => markup`<li>${each}</li>`)}
            </ul>`,
          ),
    ),
    ...ways.map(({ way, recovery }) =>
      recovery?.splitBrain === 'possible'
        ? notice(`${way}Two regions may write`, 'bad', markup`<p>${splitBrainText}</p>`)
        : undefined,
    ),
    run.suspended === undefined
      ? undefined
      : notice(
          'Suspended',
          'doubt',
          markup`<p>${run.suspended.reason}</p>
            ${commandsOf(run).map((command) => markup`<pre tabindex="0"><code>${command}</code></pre>`)}`,
        ),
    run.escalation === undefined
      ? undefined
      : notice(run.escalation.due ? 'Escalate now' : 'Escalation', 'doubt', markup`<p>${run.escalation.summary}</p>`),
  ];
}

function notice(title: string, tone: 'bad' | 'doubt', body: Content): Markup {
  return markup`<section class="notice ${tone}">
    <h2>${markOf('!', tone)} ${title}</h2>
    ${body}
  </section>`;
}

export function causesSection({ causes }: RunDocument): Content {
  if (causes.length === 0) return undefined;
  return markup`<section aria-labelledby="causes">
    <h2 id="causes">Causes</h2>
    ${causes.map(causeArticle)}
  </section>`;
}

function causeArticle(cause: Cause): Markup {
  const { rank, confidence, summary, component, remediation } = cause;
  return markup`<article>
    <h3>
      ${rank}. ${cause.cause} on ${component}
      <span class="faint">${confidenceInWords(confidence)}, ${confidenceText(confidence)}</span>
    </h3>
    <p>${summary}</p>
    ${evidence('For', cause.for)}${evidence('Against', cause.against)}${evidence('Missing', cause.missing)}${
      remediation === undefined
        ? undefined
        : markup`<h4>What helps</h4>
            <p>${remediation.summary}</p>
            ${remediation.command === undefined ? undefined : markup`<pre tabindex="0"><code>${remediation.command}</code></pre>`}`
    }
  </article>`;
}

function evidence(title: string, all: readonly Evidence[]): Content {
  if (all.length === 0) return undefined;
  return markup`<h4>${title}</h4>
    <ul>
      ${all.map(
        ({ detail, source, region }) =>
          markup`<li>
            ${detail} <span class="faint small"><code>${source}</code> ${region}</span>
          </li>`,
      )}
    </ul>`;
}

export function changesSection({ mutations, mode }: RunDocument): Markup {
  const title = mode === 'dry-run' ? 'What would change' : 'What changed';
  return markup`<section aria-labelledby="changes">
    <h2 id="changes">${title}</h2>
    ${
      mutations.length === 0
        ? markup`<p>${mode === 'dry-run' ? 'Nothing would be.' : 'Nothing was changed.'}</p>`
        : changeGroups(mutations).map(
            (group) =>
              markup`<h3>${group.title}</h3>
                ${dataTable(group.title, group.changes, [
                  {
                    title: 'Resource',
                    names: true,
                    cell: ({ resource, region }) => markup`${resource} <span class="faint small">${region}</span>`,
                  },
                  { title: 'Before → after', cell: differences },
                  { title: 'Call', cell: ({ operation }) => markup`<code>${operation}</code>` },
                  { title: 'Step', cell: ({ stepId }) => markup`<code>${stepId}</code>` },
                ])}${
                  group.status === 'unknown'
                    ? markup`<ul>
                        ${group.changes.map((each) => markup`<li>${howToLook(each)}</li>`)}
                      </ul>`
                    : undefined
                }`,
          )
    }
  </section>`;
}

function differences(change: Mutation): Content {
  const all = differencesIn(change);
  if (all.length === 0) return change.summary;
  return markup`<ul class="changes">
    ${all.map(
      ({ name, before, after }) =>
        markup`<li>
          <span class="faint">${name}</span>
          <span class="diff">
            ${before} <span aria-hidden="true">→</span><span class="vh"> becomes </span> <strong>${after}</strong>
          </span>
        </li>`,
    )}
  </ul>`;
}

export function consistencySection(run: RunDocument): Content {
  const ways = [
    { title: 'After the way there', checks: run.recovery?.consistency ?? [] },
    { title: 'After the way back', checks: run.failback?.recovery.consistency ?? [] },
  ].filter(({ checks }) => checks.length > 0);
  if (ways.length === 0) return undefined;
  return markup`<section aria-labelledby="consistency">
    <h2 id="consistency">Is the data consistent?</h2>
    ${ways.map(
      ({ title, checks }) =>
        markup`${run.failback === undefined ? undefined : markup`<h3>${title}</h3>`}
          <ul class="rows">
            ${checks.map(
              ({ program, ok, detail }) =>
                markup`<li>
                  <span>${checkMark(ok)} <code>${program}</code></span>
                  <span>${okWord(ok)}</span>
                  <span class="wide faint small">${detail}</span>
                </li>`,
            )}
          </ul>`,
    )}
  </section>`;
}

function okWord(ok: boolean | null): string {
  if (ok === null) return 'not known';
  return ok ? 'consistent' : 'not consistent';
}

export function lessonsSection(run: RunDocument): Content {
  const lessons = [...(run.recovery?.lessons ?? []), ...(run.failback?.recovery.lessons ?? [])];
  if (lessons.length === 0) return undefined;
  return markup`<section aria-labelledby="lessons">
    <h2 id="lessons">Lessons</h2>
    <ul>
      ${lessons.map((lesson) => markup`<li>${lesson}</li>`)}
    </ul>
  </section>`;
}

export function notesSection(run: RunDocument): Content {
  const { notes = [] } = run;
  const next = otherStepsOf(run);
  if (notes.length === 0 && next.length === 0) return undefined;
  return markup`<section aria-labelledby="notes">
    <h2 id="notes">Notes and next steps</h2>
    ${
      notes.length === 0
        ? undefined
        : markup`<ul>
            ${notes.map((note) => markup`<li>${note}</li>`)}
          </ul>`
    }${
      next.length === 0
        ? undefined
        : markup`<h3>Next</h3>
            <ul>
              ${next.map((step) => markup`<li>${step}</li>`)}
            </ul>`
    }
  </section>`;
}
