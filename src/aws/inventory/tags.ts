/** Tags, which every service writes in its own way. */
import type { Tags } from '../../cloud/inventory.ts';

export function tagsFrom(pairs: readonly (readonly [string | undefined, string | undefined])[]): Tags {
  return Object.fromEntries(pairs.flatMap(([key, value]) => (key === undefined ? [] : [[key, value ?? '']])));
}
