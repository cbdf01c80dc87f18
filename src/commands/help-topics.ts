/** The pages of help that are of no one command. Their text is loaded when it is read. */
import type { HelpTopic } from '../report/help-topic.ts';

export const helpTopics: readonly { readonly name: HelpTopic; readonly summary: string }[] = [
  { name: 'exit-codes', summary: 'what each exit code means' },
  { name: 'configuration', summary: 'how nanoops.yaml is found and laid out' },
  { name: 'output', summary: 'formats, reports, colour, what goes where' },
  { name: 'environment', summary: 'variables that nanoops heeds, and files that it keeps' },
  { name: 'own-runbooks', summary: 'the first runbook of your own: a file to copy, and what to type' },
];
