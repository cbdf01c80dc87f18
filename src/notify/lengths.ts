/** Texts that fit where others set a limit. Lengths are in UTF-16 units, which are never fewer than anybody counts. */

/** As long as it fits; else its beginning, and `…`. Cuts no character in two. */
export function cutTo(most: number, text: string): string {
  if (text.length <= most) return text;
  let kept = '';
  for (const character of text) {
    if (kept.length + character.length > most - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
