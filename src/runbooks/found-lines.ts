import type { LogSearch } from '../cloud/facts.ts';

/** `1 line`, `800 or more entries` */
export function foundLines(
  { lines, truncated }: Pick<LogSearch, 'lines' | 'truncated'>,
  one = 'line',
  many = 'lines',
): string {
  const least = truncated ? `${lines.length} or more` : String(lines.length);
  return `${least} ${lines.length === 1 && !truncated ? one : many}`;
}
