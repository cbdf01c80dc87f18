/** Templates as text. */
import { stringify } from 'yaml';
import { jsonText } from './json-text.ts';

/** With an end of line. Texts keep their lines: a template is read by its diffs. */
export function templateText(template: object, format: 'yaml' | 'json'): string {
  if (format === 'json') return `${jsonText(template, 2)}\n`;
  // As YAML 1.1 has it, whose readers take what looks like a day for one.
  return stringify(template, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' });
}
