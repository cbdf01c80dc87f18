/** How deep values of JSON are nested: whoever reads them is recursive, and what is too deep would end the process. */

/** No logger and no answer of AWS nests deeper. */
const mostLevels = 200;

/** True of what is nested deeper than anything that was meant. */
export function isTooDeep(value: unknown): boolean {
  let layer = [value];
  for (let level = 0; layer.length > 0; level += 1) {
    if (level > mostLevels) return true;
    layer = layer.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return false;
}
