/** How wide the screen is: the terminal's own answer, else COLUMNS, else 100. */
import type { Io } from './io.ts';

export function columnsOf(io: Pick<Io, 'stdout' | 'stderr' | 'env'>): number {
  const columns = io.stdout.columns ?? io.stderr.columns ?? Number(io.env['COLUMNS'] ?? Number.NaN);
  return Number.isInteger(columns) && columns > 0 ? columns : 100;
}
