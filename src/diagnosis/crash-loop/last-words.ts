/**
 * What crashed tasks logged last: the last error line of each, those that say the same put together. A line belongs to the
 * task whose id ends its stream's name, as the awslogs driver names streams.
 */
import type { LogSearch } from '../../cloud/facts.ts';
import { countLines, type LogKind } from '../log-patterns.ts';
import { byCodeUnit } from '../statistics.ts';
import { connectionErrorKind, type ConnectionErrorKind } from '../database/connection-errors.ts';
import { quoted, toldBy } from '../database/log-text.ts';
import { taskOf } from '../database/task-ages.ts';
import type { Crash } from './restarts.ts';

export interface LastWords {
  /** The newest of those that say the same, short enough to repeat. */
  readonly example: string;
  /** How many tasks ended with them. */
  readonly tasks: number;
  /** What they speak of, where that can be told. */
  readonly about: readonly (LogKind | ConnectionErrorKind)[];
}

/** A line that is older than this at the crash has nothing to do with it. */
const nearMs = 5 * 60_000;
/** The awslogs driver delivers with a delay, and clocks differ. */
const slackMs = 30_000;
const kinds = ['out-of-memory', 'pool-exhausted', 'timeout'] as const satisfies readonly LogKind[];

/** The most frequent first; none where no line belongs to a task that crashed. */
export function lastWordsOf(search: LogSearch, crashes: readonly Crash[]): readonly LastWords[] {
  const lines = search.lines.toSorted((a, b) => a.at - b.at);
  const groups = new Map<string, { message: string; tasks: number }>();
  for (const { at, task } of crashes) {
    const id = taskOf(task.taskArn);
    const last = lines.findLast(
      (line) => taskOf(line.stream) === id && line.at >= at - nearMs && line.at <= at + slackMs,
    );
    if (last === undefined) continue;
    const shape = shapeOf(last.message);
    groups.set(shape, { message: last.message, tasks: (groups.get(shape)?.tasks ?? 0) + 1 });
  }
  return [...groups.values()]
    .map(({ message, tasks }) => ({ example: wordsOf(message), tasks, about: aboutOf(search, message) }))
    .toSorted((a, b) => b.tasks - a.tasks || byCodeUnit(a.example, b.example));
}

function aboutOf(search: LogSearch, message: string): LastWords['about'] {
  const moment = { from: 0, to: 1 };
  const alone: LogSearch = { ...search, lines: [{ at: 0, stream: '', message }] };
  const spoken = kinds.filter((kind) => countLines(alone, kind, moment, moment).during > 0);
  const database = connectionErrorKind(message);
  return [...new Set([...(database === undefined ? [] : [database]), ...spoken])];
}

/** The last of its texts: an exception stands behind the sentence that announces it. */
function wordsOf(message: string): string {
  const texts = toldBy(message);
  const last = texts.findLast(({ quotable }) => quotable)?.text;
  return last === undefined ? 'a line without error or message' : quoted(lastLine(last));
}

/** A trace in Python ends with the exception; in other languages it begins with it, and goes on with indented frames. */
function lastLine(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const last = lines.at(-1) ?? '';
  return /^Traceback\b/.test(text) || !/^\s|^Caused by/.test(last) ? last : (lines[0] ?? '');
}

/** The words without what differs from task to task: numbers, addresses, ids, quoted values. */
function shapeOf(message: string): string {
  return wordsOf(message)
    .replaceAll(/'[^']{0,120}'|"[^"]{0,120}"/g, '?')
    .replaceAll(/\b[\da-f]{8,}(?:-[\da-f]{4,}){0,4}\b/gi, '?')
    .replaceAll(/\d+/g, '#');
}
