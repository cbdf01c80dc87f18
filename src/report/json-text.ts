/**
 * JSON for a screen as well as for a script: what JSON lets through raw but a terminal acts on (DEL, C1 controls such as
 * the 8-bit CSI, bidirectional overrides, line separators) is written as an escape, which reads back as the same text.
 */
const acted = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function jsonText(value: object, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    acted,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * `jsonText(document, 2)` in pieces: what holds hundreds of items would take several times its memory as one text.
 *
 * @param name of the list that is told item by item
 */
export function* jsonPieces<Name extends string>(
  document: Readonly<Record<Name, readonly object[]>>,
  name: Name,
): Generator<string> {
  const frame = jsonText({ ...document, [name]: [] }, 2);
  // Only a key of the document itself stands there: no text of JSON has a line of its own.
  const opening = `\n  ${JSON.stringify(name)}: [`;
  const at = frame.indexOf(`${opening}]`);
  const items = document[name];
  if (at < 0 || items.length === 0) {
    yield frame;
    return;
  }
  yield frame.slice(0, at + opening.length);
  for (const [index, item] of items.entries()) {
    yield `${index === 0 ? '' : ','}\n    ${jsonText(item, 2).replaceAll('\n', '\n    ')}`;
  }
  yield `\n  ${frame.slice(at + opening.length)}`;
}
