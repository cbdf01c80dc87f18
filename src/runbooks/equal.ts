/** Whether two pieces of plain data say the same, in whatever order their members were written. */
import { canonicalJson, plainOf } from '../engine/plain.ts';

export function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(plainOf(one)) === canonicalJson(plainOf(other));
}
