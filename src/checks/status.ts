/** The answer of `status` in one line: what is wrong first, by name, the gravest first. */
import type { CheckResult } from './judged.ts';
import { listed } from './judged.ts';

/** More names than these are counted only. */
const mostNames = 5;

export function statusSummary(results: readonly CheckResult[]): string {
  const of = (status: CheckResult['status']): readonly CheckResult[] =>
    results.filter((each) => each.status === status).toSorted((a, b) => rank(a) - rank(b));
  const [breaches, warnings, unknowns, well] = [of('breach'), of('warning'), of('unknown'), of('ok')];
  const parts = [
    told(breaches, 'beyond the alert threshold'),
    told(warnings, 'off target'),
    told(unknowns, 'unknown'),
  ].flat();
  if (parts.length > 0) return parts.join('; ');
  if (well.length === 0) return 'Nothing was measured: no metric is configured';
  return well.length === 1
    ? `${sentence(nameOf(well[0]))} meets its target`
    : `All ${well.length} metrics meet their targets`;
}

function rank({ severity }: CheckResult): number {
  return ['critical', 'warning', 'info'].indexOf(severity);
}

function told(results: readonly CheckResult[], what: string): readonly string[] {
  return results.length === 0 ? [] : [`${results.length} ${what}: ${listed(results.map(nameOf), mostNames)}`];
}

const prefixes: Readonly<Record<string, string>> = { api: 'API ', database: 'database ' };

/** Within a sentence, and without the table that it stands in: `database CPU`, `API latency p99`. */
function nameOf(result: CheckResult | undefined): string {
  if (result === undefined) return '';
  const { area, title } = result;
  // An abbreviation keeps its capitals.
  const isWord = title.charAt(1) === title.charAt(1).toLowerCase();
  return `${prefixes[area] ?? ''}${isWord ? title.charAt(0).toLowerCase() + title.slice(1) : title}`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
