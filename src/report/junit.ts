/**
 * JUnit's XML, as continuous integration reads it: suites of test cases. There is no standard; what is written here
 * keeps to what Jenkins' schemas have in common and GitLab, GitHub's reporters and others read: a case has a name, a class,
 * a time, at most one of `skipped`, `error` and `failure`, and what was printed. It has no properties of its own, so that
 * whatever else is known of it stands in its text; and the reason of what was skipped is text, not an attribute.
 * Sources: github.com/jenkinsci/xunit-plugin, junit-10.xsd; github.com/jenkinsci/junit-plugin, CaseResult;
 * docs.gitlab.com, "Unit test reports".
 */
import XmlBuilder from 'fast-xml-builder';
import { plain } from './plain-text.ts';

export type TestOutcome =
  | { readonly kind: 'passed' }
  /** It was found to be wrong, of this type. */
  | { readonly kind: 'failure'; readonly type: string; readonly message: string }
  /** It could not be told, for a reason of this type. */
  | { readonly kind: 'error'; readonly type: string; readonly message: string }
  | { readonly kind: 'skipped'; readonly message: string };

export interface TestCase {
  readonly name: string;
  /** What it is grouped by, within the suite's package. */
  readonly group: string;
  readonly durationMs: number;
  readonly outcome: TestOutcome;
  /** What else is known, a line each. */
  readonly lines: readonly string[];
}

export interface TestSuite {
  readonly name: string;
  /** Where its groups belong, from the widest on. */
  readonly packages: readonly string[];
  /** ISO 8601. */
  readonly at?: string;
  readonly durationMs: number;
  readonly properties: Readonly<Record<string, string | number>>;
  readonly cases: readonly TestCase[];
  readonly lines: readonly string[];
}

const builder = new XmlBuilder({
  ignoreAttributes: false,
  format: true,
  suppressEmptyNode: true,
  // Else the value "true" would be left out.
  suppressBooleanAttributes: false,
});

/** A document of one suite, with an end of line. */
export function junitXml(suite: TestSuite): string {
  return junitSuitesXml(suite.name, [suite]);
}

/** The whole document, with an end of line. */
export function junitSuitesXml(name: string, suites: readonly TestSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  const durationMs = suites.reduce((sum, suite) => sum + suite.durationMs, 0);
  const document = {
    '?xml': attributes({ version: '1.0', encoding: 'UTF-8' }),
    testsuites: {
      ...attributes({ name, ...tallyOf(all), time: seconds(durationMs) }),
      testsuite: suites.map(suiteNode),
    },
  };
  return `${builder.build(document).trimEnd()}\n`;
}

function suiteNode({ name, packages, at, durationMs, properties, cases, lines }: TestSuite): object {
  const given = Object.entries(properties).map(([key, value]) => attributes({ name: key, value }));
  return {
    ...attributes({
      name,
      ...tallyOf(cases),
      skipped: countOf(cases, 'skipped'),
      time: seconds(durationMs),
      ...(at === undefined ? {} : { timestamp: at }),
    }),
    ...(given.length === 0 ? {} : { properties: { property: given } }),
    testcase: cases.map((each) => caseNode(each, packages)),
    ...printed(lines),
  };
}

function tallyOf(cases: readonly TestCase[]): Readonly<Record<string, number>> {
  return { tests: cases.length, failures: countOf(cases, 'failure'), errors: countOf(cases, 'error') };
}

function countOf(cases: readonly TestCase[], kind: TestOutcome['kind']): number {
  return cases.filter(({ outcome }) => outcome.kind === kind).length;
}

function caseNode({ name, group, durationMs, outcome, lines }: TestCase, packages: readonly string[]): object {
  return {
    ...attributes({ classname: [...packages, group].map(withoutDots).join('.'), name, time: seconds(durationMs) }),
    ...outcomeNode(outcome, lines),
  };
}

/** What is known stands where readers look for it: in what failed, or beside what did not. */
function outcomeNode(outcome: TestOutcome, lines: readonly string[]): object {
  switch (outcome.kind) {
    case 'passed':
      return printed(lines);
    case 'skipped':
      return { skipped: xmlText(outcome.message), ...printed(lines) };
    case 'failure':
    case 'error': {
      const { kind, type, message } = outcome;
      return { [kind]: { ...attributes({ type, message }), '#text': textOf(lines) } };
    }
  }
}

function printed(lines: readonly string[]): object {
  return lines.length === 0 ? {} : { 'system-out': textOf(lines) };
}

function textOf(lines: readonly string[]): string {
  return lines.map(xmlText).join('\n');
}

function attributes(values: Readonly<Record<string, string | number>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`@_${name}`, xmlText(String(value))]));
}

/** A dot would begin another package. */
function withoutDots(name: string): string {
  return name.replaceAll('.', '-');
}

/** On one line, of characters that XML 1.0 allows (section 2.2): what `plain` leaves, less the two that are no characters. */
function xmlText(text: string): string {
  return plain(text).replaceAll(/[\uFFFE\uFFFF]/g, '');
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3);
}
