/**
 * Why tasks ended, by what ECS says of their containers, put into few groups.
 * Source: Amazon ECS Developer Guide, "Stopped tasks error messages" and "Stopped tasks error codes".
 */
import type { StoppedTask } from '../../cloud/facts.ts';
import { byCodeUnit } from '../statistics.ts';
import { quoted } from '../database/log-text.ts';
import type { Crash } from './restarts.ts';

export type ExitKind =
  | 'out-of-memory'
  | 'killed'
  | 'segmentation-fault'
  | 'application-error'
  | 'ended-by-itself'
  | 'terminated'
  | 'image-not-pulled'
  | 'secrets-not-read'
  | 'resources-not-ready'
  | 'not-executable'
  | 'untold';

export interface ExitGroup {
  readonly kind: ExitKind;
  readonly count: number;
  /** For people, with the newest task's own reason where it has one. */
  readonly summary: string;
}

/** The most frequent first. */
export function exitsOf(crashes: readonly Crash[]): readonly ExitGroup[] {
  const byKind = new Map<ExitKind, StoppedTask[]>();
  for (const { task } of crashes) {
    const kind = exitKindOf(task);
    byKind.set(kind, [...(byKind.get(kind) ?? []), task]);
  }
  return [...byKind]
    .map(([kind, tasks]) => ({ kind, count: tasks.length, summary: summaryOf(kind, tasks) }))
    .toSorted((a, b) => b.count - a.count || byCodeUnit(a.kind, b.kind));
}

function exitKindOf(task: StoppedTask): ExitKind {
  const reasons = [task.reason ?? '', ...task.containers.map(({ reason }) => reason ?? '')].join('\n');
  const codes = task.containers.flatMap(({ exitCode }) => exitCode ?? []);
  // A container's own reason says more than the code it ended with.
  if (/OutOfMemory/i.test(reasons)) return 'out-of-memory';
  if (/CannotPull(?:Container|ImageManifest|ECRContainer)\w*Error|image manifest/i.test(reasons))
    return 'image-not-pulled';
  if (/secretsmanager|secrets? manager|ssm|retrieve secrets?|asm fetching secret/i.test(reasons))
    return 'secrets-not-read';
  if (/ResourceInitializationError|CannotCreateContainerError|CannotStartContainerError/i.test(reasons)) {
    return 'resources-not-ready';
  }
  if (codes.includes(137)) return 'killed';
  if (codes.includes(139)) return 'segmentation-fault';
  if (codes.includes(126) || codes.includes(127)) return 'not-executable';
  if (codes.includes(143)) return 'terminated';
  if (codes.some((code) => code !== 0)) return 'application-error';
  return codes.length > 0 ? 'ended-by-itself' : 'untold';
}

const meanings: Readonly<Record<ExitKind, string>> = {
  'out-of-memory': 'killed for using more memory than they have',
  killed: 'killed (exit code 137), most often for their memory',
  'segmentation-fault': 'crashed with a segmentation fault (exit code 139)',
  'application-error': 'ended with an error',
  'ended-by-itself': 'ended by themselves with exit code 0, as if their work were done',
  terminated: 'ended on SIGTERM (exit code 143)',
  'image-not-pulled': 'did not start: their image could not be pulled',
  'secrets-not-read': 'did not start: their secrets could not be read',
  'resources-not-ready': 'did not start: what they need could not be prepared',
  'not-executable': 'did not start: their command could not be run (exit code 126 or 127)',
  untold: 'ended, and ECS does not say why',
};

/** Kinds whose reason, as ECS words it, names the image, the secret or the resource. */
const telling: readonly ExitKind[] = ['image-not-pulled', 'secrets-not-read', 'resources-not-ready', 'untold'];

function summaryOf(kind: ExitKind, tasks: readonly StoppedTask[]): string {
  const newest = tasks.at(-1);
  const code = newest?.containers.find(({ exitCode }) => exitCode !== undefined && exitCode !== 0)?.exitCode;
  const codeText = kind === 'application-error' && code !== undefined ? ` (exit code ${code})` : '';
  const own = newest?.containers.find(({ reason }) => reason !== undefined)?.reason ?? newest?.reason;
  const reason = telling.includes(kind) && own !== undefined && own !== '' ? `: ${quoted(own)}` : '';
  return `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} ${meanings[kind]}${codeText}${reason}`;
}
