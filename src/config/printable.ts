/**
 * Text from a file, made fit for a message: what is invisible or steers a terminal is shown as an escape, and what is
 * long is cut. Knows nothing of terminals or colours.
 */

const longestShown = 80;

/** Everything that Unicode calls control, format, surrogate or private, and the two invisible line ends. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Replaces every invisible character by its escape, so that the text can be printed anywhere. */
export function printable(text: string): string {
  return text.replace(invisible, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The text in double quotes, printable, and cut after 80 characters. */
export function quoted(text: string): string {
  const shown = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
  return `"${printable(shown)}"`;
}
