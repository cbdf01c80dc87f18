/** Follows an API's pages, within bounds. */

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly next: string | undefined;
}

export interface Paged<T> {
  readonly items: readonly T[];
  /** True where a bound ended it and there was a further page. */
  readonly truncated: boolean;
}

export interface PageBounds<T> {
  readonly pages: number;
  /** Asked after every page, with all items so far: `true` is enough. */
  readonly enough?: (items: readonly T[]) => boolean;
}

/** All items of all pages. A token that comes twice would go round in circles, and counts as a bound. */
export async function followPages<T>(
  bounds: PageBounds<T>,
  fetch: (token: string | undefined) => Promise<Page<T>>,
): Promise<Paged<T>> {
  const items: T[] = [];
  const seen = new Set<string>();
  let token: string | undefined;
  for (let page = 0; page < bounds.pages; page += 1) {
    const { items: more, next } = await fetch(token);
    items.push(...more);
    if (next === undefined || next === '') return { items, truncated: false };
    if (seen.has(next) || bounds.enough?.(items) === true) return { items, truncated: true };
    seen.add(next);
    token = next;
  }
  return { items, truncated: true };
}
