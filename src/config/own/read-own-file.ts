/**
 * From the text of a team's YAML file to what it says, or to every fault in it with its line. Knows the form of such files; what of
 * their content may be, is judged by whoever is handed in.
 */
import * as z from 'zod';
import { explain } from '../check.ts';
import { formatFault, type Fault } from '../faults.ts';
import { didYouMean } from '../nearest.ts';
import type { Path } from '../path.ts';
import { printable } from '../printable.ts';
import { readYaml } from '../read-yaml.ts';
import { childOf, find, valueOf, type Entry } from '../tree.ts';
import { checkFileSchema, type CheckFile } from './check-file.ts';
import { runbookFileSchema, stepSchemas, type FileStep, type RunbookFile, type StepKind } from './runbook-file.ts';

/** What is wrong with what a file says. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  /** Words of which the one that stands there may have been meant. */
  readonly known?: readonly string[];
  /** That one; the last key of the path when absent. */
  readonly word?: string;
}

/** Told of what could be read, so that faults of content are told together with those of form. Each step with its place. */
export type Judge = (read: {
  readonly file: Partial<RunbookFile>;
  readonly steps: readonly { readonly at: number; readonly step: FileStep }[];
}) => Promise<readonly Finding[]>;

export type OwnFileReading<File> =
  | { readonly ok: true; readonly file: File }
  /** A line each, in the order of the file. */
  | { readonly ok: false; readonly faults: readonly string[] };

export async function readRunbookFile(
  text: string,
  origin: string,
  judge: Judge,
): Promise<OwnFileReading<RunbookFile>> {
  const form = formOf(text, 'title, summary and steps');
  if (form.root === undefined) return { ok: false, faults: told(form.faults, origin) };
  const { root, faults: formFaults } = form;
  const outer = judged(root, runbookFileSchema.extend({ steps: z.array(z.unknown()).min(1) }), []);
  const listed = childOf(root.tree, 'steps')?.tree;
  const steps = (listed?.kind === 'list' ? listed.items : []).map((item, at) => ({ at, ...readStep(item, at) }));
  const read = steps.flatMap(({ at, step }) => (step === undefined ? [] : [{ at, step }]));
  const found = [...outer.findings, ...steps.flatMap(({ findings }) => findings)];
  found.push(...(await judge({ file: { ...readableParts(root), steps: read.map(({ step }) => step) }, steps: read })));
  const faults = [...formFaults, ...found.map((finding) => placed(finding, root))];
  if (faults.length > 0 || outer.value === undefined) return { ok: false, faults: told(faults, origin) };
  return { ok: true, file: { ...outer.value, steps: read.map(({ step }) => step) } };
}

/** What stands beside the steps, each as far as it can be read: a fault in one says nothing of another. */
function readableParts({ tree }: Entry): Partial<RunbookFile> {
  const { steps: _, ...others } = runbookFileSchema.shape;
  return Object.fromEntries(
    Object.entries(others).flatMap(([key, schema]) => {
      const entry = childOf(tree, key);
      const value = entry === undefined ? undefined : schema.safeParse(valueOf(entry.tree), { jitless: true }).data;
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

/** As `readRunbookFile`, for a check. */
export async function readCheckFile(
  text: string,
  origin: string,
  judge: (file: CheckFile) => Promise<readonly Finding[]>,
): Promise<OwnFileReading<CheckFile>> {
  const { root, faults } = formOf(text, 'title, and what it looks at');
  if (root === undefined) return { ok: false, faults: told(faults, origin) };
  const { value, findings } = judged(root, checkFileSchema, []);
  const found = [...findings, ...(value === undefined ? [] : await judge(value))];
  const all = [...faults, ...found.map((finding) => placed(finding, root))];
  return all.length > 0 || value === undefined ? { ok: false, faults: told(all, origin) } : { ok: true, file: value };
}

function formOf(text: string, leastKeys: string): { readonly root?: Entry; readonly faults: readonly Fault[] } {
  const { root, faults, aliasBombAt, broken } = readYaml(text, leastKeys);
  if (aliasBombAt !== undefined) {
    const message = 'its aliases stand for more than any such file needs';
    return { faults: [...faults, { path: [], position: aliasBombAt, message }] };
  }
  // Where the syntax is broken, whatever else could be said may follow from that.
  return { ...(root === undefined || broken ? {} : { root }), faults };
}

const stepKinds = Object.keys(stepSchemas);

function isStepKind(key: string): key is StepKind {
  return stepKinds.includes(key);
}

function readStep(item: Entry, at: number): { readonly step?: FileStep; readonly findings: readonly Finding[] } {
  const path: Path = ['steps', at];
  if (item.tree.kind !== 'map')
    return { findings: [{ path, message: 'must be a map that begins with its kind: look: service' }] };
  const kinds = [...item.tree.entries.keys()].filter(isStepKind);
  const [kind, second] = kinds;
  if (kind === undefined) {
    const [first] = item.tree.entries.keys();
    const guess = first === undefined ? undefined : didYouMean(first, stepKinds);
    const message = `says no kind: one of ${stepKinds.join(', ')}, with the step's id${guess === undefined ? '' : `; ${guess}`}`;
    return { findings: [{ path, message }] };
  }
  if (second !== undefined) {
    return {
      findings: [{ path: [...path, second], message: `a step is of one kind, and this is a "${kind}" already` }],
    };
  }
  const schema: z.ZodType<FileStep> = stepSchemas[kind];
  const { value, findings } = judged(item, schema, path);
  return { ...(value === undefined ? {} : { step: value }), findings };
}

function judged<T>(
  entry: Entry,
  schema: z.ZodType<T>,
  above: Path,
): { readonly value?: T; readonly findings: readonly Finding[] } {
  const result = schema.safeParse(valueOf(entry.tree), { error: explain, jitless: true });
  if (result.success) return { value: result.data, findings: [] };
  return { findings: result.error.issues.flatMap((issue) => findingsOf(issue, schema, above)) };
}

function findingsOf(issue: z.core.$ZodIssue, schema: z.ZodType, above: Path): Finding[] {
  const inside = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const path: Path = [...above, ...inside];
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, inside);
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is unknown', known }));
  }
  if (issue.code === 'invalid_union') {
    // Where one variant fits but for its inside, its faults.
    const variant = issue.errors.find((errors) => errors.every((nested) => nested.path.length > 0));
    if (variant !== undefined) return variant.flatMap((nested) => findingsOf(nested, schema, [...above, ...inside]));
  }
  return [{ path, message: issue.message }];
}

/** The keys that a map may have there. */
function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  let here: unknown = schema;
  for (const key of path) here = inner(here) instanceof z.ZodObject ? Reflect.get(shapeOf(here), key) : undefined;
  return Object.keys(shapeOf(here));
}

function shapeOf(schema: unknown): object {
  const found = inner(schema);
  return found instanceof z.ZodObject ? found.shape : {};
}

function inner(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional) return inner(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.map(inner).find((each) => each instanceof z.ZodObject);
  return schema;
}

function placed({ path, message, known = [], word = String(path.at(-1) ?? '') }: Finding, root: Entry): Fault {
  const { position } = find(root, path).entry.place;
  const suggestion = didYouMean(word, known);
  const listed =
    suggestion === undefined && known.length > 0 && known.length <= mostListed
      ? `; known here: ${known.join(', ')}`
      : '';
  return {
    path,
    message: printable(`${message}${listed}`),
    ...(position === undefined ? {} : { position }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** More words than this are no help in one line. */
const mostListed = 12;

function told(faults: readonly Fault[], origin: string): readonly string[] {
  const inOrder = faults.toSorted(
    (one, other) =>
      (one.position?.line ?? 0) - (other.position?.line ?? 0) ||
      (one.position?.column ?? 0) - (other.position?.column ?? 0),
  );
  return [...new Set(inOrder.map((fault) => formatFault(origin, fault)))];
}
