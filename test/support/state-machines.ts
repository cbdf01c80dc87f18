/** A runbook's state machine, and the way through it where every task ends well. */
import { z } from 'zod';
import { runMain, type RunMainOptions } from './run-main.ts';

const state = z.looseObject({ Type: z.string(), Next: z.string().optional() });
const machineShape = z.looseObject({ StartAt: z.string(), States: z.record(z.string(), state) });
const overriding = z.object({
  Parameters: z.object({
    Overrides: z.object({ ContainerOverrides: z.tuple([z.object({ 'Command.$': z.string() })]) }),
  }),
});

export type Machine = z.output<typeof machineShape>;

/** Where the tasks run. */
export const machineWords = [
  ...['--format', 'step-functions', '--cluster', 'shop'],
  ...['--task-definition', 'nanoops-drill', '--subnets', 'subnet-0a1b2c3d'],
];

export interface Way {
  readonly name: string;
  readonly state: Machine['States'][string];
  /** The words after `nanoops`, of a task. */
  readonly command?: readonly string[];
}

export async function machineOf(
  id: string,
  words: readonly string[] = [],
  options: RunMainOptions = {},
): Promise<{ readonly text: string; readonly machine: Machine; readonly way: readonly Way[] }> {
  const { exitCode, stdout, stderr } = await runMain(['runbook', 'export', id, ...machineWords, ...words], options);
  if (exitCode !== 0) throw new Error(`runbook export ended with ${exitCode}: ${stderr}`);
  const machine = machineShape.parse(JSON.parse(stdout));
  const way: Way[] = [];
  for (let name: string | undefined = machine.StartAt; name !== undefined;) {
    const found: Machine['States'][string] | undefined = machine.States[name];
    if (found === undefined || way.length > 1000) throw new Error(`the way has no end at ${name}`);
    const task = overriding.safeParse(found).data;
    const array = task?.Parameters.Overrides.ContainerOverrides[0]['Command.$'];
    way.push({ name, state: found, ...(array === undefined ? {} : { command: wordsOf(array) }) });
    name = found.Next;
  }
  return { text: stdout, machine, way };
}

/** The arguments of `States.Array(…)`: texts as they are meant, and paths. */
function wordsOf(array: string): readonly string[] {
  const inner = /^States\.Array\((.*)\)$/s.exec(array)?.[1] ?? '';
  return [...inner.matchAll(/'((?:[^'\\]|\\.)*)'|(\$[\w.]*)/gs)].map(([, text, path]) =>
    text === undefined ? (path ?? '') : text.replaceAll(/\\(.)/gs, '$1'),
  );
}
