/**
 * Makes text from AWS, logs, traces and files safe to show: one line, no controls, nothing invisible, nothing that
 * turns the direction of reading. Every renderer puts foreign text through here; escaping for a page comes on top. Knows
 * no terminal and no document.
 */

/**
 * Whole control sequences, so that no rest of them stays readable: CSI, the string sequences (OSC, DCS, SOS, PM, APC) up
 * to their end, and two-byte escapes. Source: ECMA-48, 5th edition, sections 5.4 and 8.3.
 */
const controlSequence =
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|(?:\u001B[\]PX^_]|[\u0090\u0098\u009D-\u009F])[^\u0007\u001B\u0080-\u009F\n\r]*(?:\u0007|\u001B\\|\u009C)|\u001B[ -/]*[0-~]/g;

/** Ends of lines and tabs. A run of them becomes one space. */
const lineEnds = /[\t\n\v\f\r\u0085\p{Zl}\p{Zp}]+/gu;

/** Spaces of other widths. */
const spaces = /\p{Zs}/gu;

/** Controls, formats (bidi, zero width, tags), whatever is not drawn, and halves of surrogate pairs. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** More marks on one letter than any script uses, which would be drawn over the lines above and below. */
const piledMarks = /(\p{M}{4})\p{M}+/gu;

/** The text on one line, with nothing in it but what can be seen. Never throws; plain text stays as it is. */
export function plain(text: string): string {
  return text
    .replace(controlSequence, '')
    .replace(lineEnds, ' ')
    .replace(spaces, ' ')
    .replace(invisible, '')
    .replace(piledMarks, '$1');
}
