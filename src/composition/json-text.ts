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
