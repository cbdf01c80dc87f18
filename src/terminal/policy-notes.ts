/** What is to be known of IAM policies beside them. */
import type { PolicyReport } from '../report/policy-schemas.ts';
import { plain, wrap } from './text.ts';

export function policyNotes(
  { notes, everything, unused, scoped }: PolicyReport,
  { columns, verbose }: { readonly columns: number; readonly verbose: boolean },
): string {
  const reasons = new Map<string, string[]>();
  for (const { action, because } of everything) reasons.set(because, [...(reasons.get(because) ?? []), action]);
  const told = [
    ...notes,
    // Without a configuration that is said already.
    ...(scoped
      ? [...reasons].map(([because, actions]) => `on "*", since ${because}: ${listed(actions, verbose)}`)
      : []),
    ...(unused.length > 0 ? [`left out, as nothing is configured that needs it: ${listed(unused, verbose)}`] : []),
  ];
  const lines = told.flatMap((note) =>
    wrap(plain(note), columns - 2).map((line, index) => `${index === 0 ? '-' : ' '} ${line}`),
  );
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

const fewActions = 6;

function listed(actions: readonly string[], all: boolean): string {
  if (all || actions.length <= fewActions) return actions.join(', ');
  return `${actions.length} actions (-v lists them)`;
}
