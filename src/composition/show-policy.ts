/** Shows IAM policies: for whoever creates them, and what is to be known of them apart. */
import type { StackFlags } from '../commands/flags.ts';
import { noTestCases, outputOf } from '../commands/flags.ts';
import type { PolicyReport } from '../report/policy-schemas.ts';
import { policyTemplate } from '../report/policy-template.ts';
import { columnsOf } from './columns.ts';
import type { Io } from './io.ts';
import { jsonText } from '../report/json-text.ts';

export type PolicyFormat = 'json' | 'cloudformation';

export async function showPolicy(
  io: Io,
  flags: StackFlags,
  report: PolicyReport,
  format: PolicyFormat,
  print: (text: string) => void,
): Promise<void> {
  const output = outputOf(flags);
  if (output === 'junit') throw noTestCases();
  if (output === 'json' || output === 'ndjson') {
    print(jsonText(report, output === 'json' ? 2 : undefined));
    return;
  }
  const { policies } = report;
  const documents = policies.map(({ document }) => document);
  const shown =
    format === 'cloudformation' ? policyTemplate(report) : documents.length === 1 ? documents[0] : documents;
  const text = jsonText(shown ?? { Version: '2012-10-17', Statement: [] }, 2);
  print(output === 'markdown' ? (await import('../report/markdown.ts')).sourceBlock(text, 'json') : text);
  if (flags.quiet === true) return;
  const { policyNotes } = await import('../terminal/policy-notes.ts');
  io.stderr.write(policyNotes(report, { columns: columnsOf(io), verbose: flags.verbose === true }));
}
