/** From what a team's module exports to the runbook in it, or to what is wrong with it. Pure: nothing is loaded here. */
import { runbook as checked, RunbookError } from '../engine/runbook.ts';
import type { AnyRunbook } from '../runbooks/kit.ts';

/** What is wrong with a file, a line each. */
export interface Faults {
  readonly faults: readonly string[];
}

type Candidate = Pick<AnyRunbook, 'id' | 'title' | 'summary' | 'steps' | 'conclusion'>;

/** The one runbook that a module exports, by whatever name, if it is called `id` as its file is. */
export function runbookIn(exports: Readonly<Record<string, unknown>>, id: string): AnyRunbook | Faults {
  const found = [...new Set(Object.values(exports))].filter(isRunbook);
  const [first, ...more] = found;
  if (first === undefined) {
    return { faults: ['it exports no runbook: export default runbook({ id, title, summary, steps, conclusion })'] };
  }
  if (more.length > 0) {
    const ids = found.map((each) => `"${each.id}"`).join(', ');
    return { faults: [`it exports ${found.length} runbooks (${ids}), and a file holds one`] };
  }
  if (first.id !== id) {
    return {
      faults: [`its runbook has the id "${first.id}", and the file is called "${id}": they have to be the same`],
    };
  }
  const faults = textFaults(first);
  if (faults.length > 0) return { faults };
  try {
    // Whoever wrote it by hand, without `runbook`, gets it checked all the same.
    checked({ ...first, steps: first.steps as never });
  } catch (error) {
    if (error instanceof RunbookError) return { faults: [error.message] };
    throw error;
  }
  return first;
}

function textFaults({ title, summary, steps }: AnyRunbook): readonly string[] {
  const isLine = (text: unknown): boolean => typeof text === 'string' && text.trim() !== '' && !text.includes('\n');
  return [
    ...(isLine(title) ? [] : ['its title has to be a line of text']),
    ...(isLine(summary) ? [] : ['its summary has to be a line of text']),
    ...steps.flatMap((step) => [
      ...(/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(step.id)
        ? []
        : [`the id of step "${step.id}" has to be small letters, digits and hyphens, for example "look-at-queue"`]),
      ...(isLine(step.title) ? [] : [`step "${step.id}" has no title`]),
    ]),
  ];
}

/** What `runbook` gives has this shape; no class tells, since what it gives is plain data. */
function isRunbook(value: unknown): value is AnyRunbook {
  if (typeof value !== 'object' || value === null) return false;
  const { id, steps, conclusion, resources }: Partial<Record<keyof Candidate | 'resources', unknown>> = value;
  return (
    typeof id === 'string' &&
    Array.isArray(steps) &&
    steps.every(isStep) &&
    isStep(conclusion) &&
    typeof resources === 'function'
  );
}

function isStep(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'id' in value && 'kind' in value && 'needs' in value && 'body' in value;
}
