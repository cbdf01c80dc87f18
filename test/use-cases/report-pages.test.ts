/**
 * Pages of reports, forecasts and fleets in a real browser, as the sandbox's scenarios fill them: as they are, and with every
 * text in them hostile.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fleetHtml } from '../../src/report/html/fleet-html.ts';
import { forecastHtml } from '../../src/report/html/forecast-html.ts';
import { reportHtml } from '../../src/report/html/report-html.ts';
import { runMain } from '../support/run-main.ts';
import { inTier } from '../support/tier.ts';
import { attack, openBrowser, overflow, phone, type PageBrowser } from '../report/browser.ts';

/** The program's own words and numbers, which nobody else can write. */
const ownKeys = new Set([
  ...['schema', 'verdict', 'status', 'severity', 'area', 'growth', 'outlook', 'target', 'alert', 'unit', 'window'],
  ...['generatedAt', 'until', 'asOf', 'at', 'day', 'earliest', 'latest'],
]);

/** As infected as a document can be: each text in it that a name, a log line or an answer of AWS may have got into. */
function hostile<T>(document: T): T {
  const put = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return ownKeys.has(key) ? value : `\u001b[31m${attack}${value}`;
    if (Array.isArray(value)) return value.map((each) => put(each, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, put(each, name)]));
  };
  // The shape stays: only texts are longer.
  return put(document, '') as T;
}

const service = (name: string) => ({
  service: name,
  environment: 'prod',
  regions: { primary: 'us-west-2', recovery: 'us-east-1' },
  api: { loadBalancer: `app/${name}/50dc6c495c0c9188` },
  database: { cluster: 'nano-db', recoveryCluster: 'nano-db-dr' },
});

describe('the page of', () => {
  let browser: PageBrowser;
  let cwd: string;

  beforeAll(async () => {
    browser = await openBrowser();
    cwd = await mkdtemp(join(tmpdir(), 'nanoops-pages-'));
    await mkdir(join(cwd, 'services'));
    for (const name of ['nano-api', 'nano-chat']) {
      await writeFile(join(cwd, 'services', `${name}.yaml`), JSON.stringify(service(name)));
    }
  });

  afterAll(async () => {
    await browser?.close();
    if (cwd !== undefined) await rm(cwd, { recursive: true });
  });

  async function documentOf(words: readonly string[]) {
    const { stdout } = await runMain([...words, '--json'], { cwd, env: { XDG_STATE_HOME: cwd } });
    const document = JSON.parse(stdout);
    expect(document).not.toHaveProperty('error');
    return document;
  }

  const ofTemplates = [
    ['the status', ['status', '--sandbox', 'slow-query'], reportHtml],
    ['a forecast', ['capacity', 'forecast', '--sandbox', 'growth-steep'], forecastHtml],
    ['a fleet', ['status', '-c', 'services/*.yaml', '--sandbox', 'slow-query'], fleetHtml],
  ] as const;
  const others = [
    ['the objectives', ['slo', '--sandbox', 'budget-burning'], reportHtml],
    ['the alerts', ['alerts', 'check', '--sandbox', 'alerts-critical'], reportHtml],
    ['the weekly checklist', ['checklist', 'weekly', '--sandbox', 'cost-jump'], reportHtml],
  ] as const;

  type Case = (typeof ofTemplates | typeof others)[number];

  it.each(inTier<readonly Case[]>({ all: [...ofTemplates, ...others], some: ofTemplates }))(
    '%s is accessible, and fits a phone and a screen, by day and by night',
    { timeout: 120_000 },
    async (_name, words, html) => expect(await browser.faultsOf(html(await documentOf(words)))).toEqual([]),
  );

  it.each(ofTemplates)('%s is text, whatever is in it', { timeout: 120_000 }, async (_name, words, html) => {
    const page = html(hostile(await documentOf(words)));
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('\u001b');
    const shown = await browser.open(page);
    await shown.setViewportSize(phone);
    expect([await overflow(shown), await shown.title(), browser.complaints]).toEqual([
      0,
      expect.not.stringMatching(/^owned$/),
      [],
    ]);
  });
});
