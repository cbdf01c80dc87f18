/** How many calls each component of a graph is away from where requests enter. Graphs may have circles, and no entry at all. Pure. */

interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** `entries` come first; where nothing leads to a component from them, what nobody calls is an entry, and then whatever comes first. */
export function graphLayers(
  ids: readonly string[],
  arrows: readonly Arrow[],
  entries: readonly string[],
): ReadonlyMap<string, number> {
  const callees = new Map<string, string[]>();
  for (const { from, to } of arrows) {
    const known = callees.get(from);
    if (known === undefined) callees.set(from, [to]);
    else known.push(to);
  }
  const layers = new Map<string, number>();
  const spread = (from: readonly string[]): void => {
    let wave = from.filter((id) => !layers.has(id));
    for (let layer = 0; wave.length > 0; layer += 1) {
      for (const id of wave) layers.set(id, layer);
      wave = [...new Set(wave.flatMap((id) => callees.get(id) ?? []))].filter((id) => !layers.has(id));
    }
  };
  const called = new Set(arrows.filter(({ from, to }) => from !== to).map(({ to }) => to));
  spread(entries);
  spread(ids.filter((id) => !called.has(id)));
  for (const id of ids) spread([id]);
  return layers;
}
