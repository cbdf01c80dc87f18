/** From what a team's module exports to the runbook or the check in it, or to what is wrong with it. Pure: nothing is loaded here. */
import type { AnyCheck } from '../checks/check.ts';
import { runbook as checked, RunbookError } from '../engine/runbook.ts';
import type { AnyRunbook } from '../runbooks/kit.ts';

/** What is wrong with a file, a line each. */
export interface Faults {
  readonly faults: readonly string[];
}

type Candidate = Pick<AnyRunbook, 'id' | 'title' | 'summary' | 'steps' | 'conclusion'>;

/** The one runbook that a module exports, by whatever name, if it is called `id` as its file is. */
export function runbookIn(exports: Readonly<Record<string, unknown>>, id: string): AnyRunbook | Faults {
  const found = oneOf(Object.values(exports).filter(isRunbook), id, 'runbook', runbookForm);
  if ('faults' in found) return found;
  const faults = textFaults(found);
  if (faults.length > 0) return { faults };
  try {
    // Whoever wrote it by hand, without `runbook`, gets it checked all the same.
    checked({ ...found, steps: found.steps as never });
  } catch (error) {
    if (error instanceof RunbookError) return { faults: [error.message] };
    throw error;
  }
  const undeclared = found.steps.flatMap(declarationFaults);
  return undeclared.length > 0 ? { faults: undeclared } : found;
}

/** As `runbookIn`, for a check. */
export function checkIn(exports: Readonly<Record<string, unknown>>, id: string): AnyCheck | Faults {
  const found = oneOf(Object.values(exports).filter(isCheck), id, 'check', checkForm);
  if ('faults' in found) return found;
  const changing = found.observations.filter((step) => step.kind !== 'observe').map((step) => `"${step.id}"`);
  const faults = [
    ...(isLine(found.title) ? [] : ['its title has to be a line of text']),
    ...(changing.length === 0 ? [] : [`a check only looks: make its looks with "look" (${changing.join(', ')})`]),
    ...found.observations.flatMap(declarationFaults),
  ];
  return faults.length > 0 ? { faults } : found;
}

const runbookForm = 'export default runbook({ id, title, summary, steps, conclusion })';
const checkForm = 'export default check(id, { title, needs, judge })';

function oneOf<Own extends { readonly id: string }>(
  all: readonly Own[],
  id: string,
  kind: 'runbook' | 'check',
  form: string,
): Own | Faults {
  const found = [...new Set(all)];
  const [first, ...more] = found;
  if (first === undefined) return { faults: [`it exports no ${kind}: ${form}`] };
  if (more.length > 0) {
    const ids = found.map((each) => `"${each.id}"`).join(', ');
    return { faults: [`it exports ${found.length} ${kind}s (${ids}), and a file holds one`] };
  }
  if (first.id !== id) {
    return {
      faults: [`its ${kind} has the id "${first.id}", and the file is called "${id}": they have to be the same`],
    };
  }
  return first;
}

function isLine(text: unknown): boolean {
  return typeof text === 'string' && text.trim() !== '' && !text.includes('\n');
}

function textFaults({ title, summary, steps }: AnyRunbook): readonly string[] {
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

/** Types say what a step has to declare, and are not checked when a file is loaded. */
function declarationFaults(step: Readonly<Record<'calls' | 'changes', unknown>> & { readonly id: string }): string[] {
  const { calls, changes } = step;
  return [
    ...(areOperations(calls)
      ? []
      : [
          `step "${step.id}" has to declare how it looks: calls: ['ecs:DescribeServices'], or [] where it asks nothing of AWS`,
        ]),
    ...(areOperations(changes)
      ? []
      : [
          `step "${step.id}" has to declare what it changes: changes: ['ecs:UpdateService'], or [] where that is nothing of AWS`,
        ]),
  ];
}

function areOperations(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string' && /^[a-z0-9-]+:[A-Z]\w*$/.test(each));
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

/** What `check` gives has this shape. */
function isCheck(value: unknown): value is AnyCheck {
  if (typeof value !== 'object' || value === null) return false;
  const { id, area, severity, observations, judge }: Partial<Record<keyof AnyCheck, unknown>> = value;
  return (
    typeof id === 'string' &&
    typeof area === 'string' &&
    typeof severity === 'string' &&
    Array.isArray(observations) &&
    observations.every(isStep) &&
    typeof judge === 'function'
  );
}

function isStep(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'id' in value && 'kind' in value && 'needs' in value && 'body' in value;
}
