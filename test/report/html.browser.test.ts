/** Pages of reports in a real browser: on a phone and on a screen, by day and by night, and with text that wants to be more. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHtml } from '../../src/report/html/run-html.ts';
import type { RunDocument } from '../../src/report/schemas.ts';
import { runs } from '../terminal/fixtures.ts';
import { infected, recoveries } from './recovery.ts';

const executablePath = '/usr/bin/chromium';
/** Nothing but the page: no profile, no updates, no services of its maker. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const phone = { width: 390, height: 844 };
const screen = { width: 1280, height: 900 };

const attack = `<script>document.title='owned'</script>"><img src=x onerror="document.title='owned'"></style>'\u202eשלום\u0007`;
const long = `${'10kilobytes-in-one-word'.repeat(450)} `;

function hostile(): RunDocument {
  const run = infected(recoveries.drill, attack);
  const [first, ...others] = run.steps;
  if (first === undefined || run.recovery === undefined) throw new Error('the drill has steps');
  return {
    ...run,
    verdict: 'attention',
    steps: [{ ...first, title: long, detail: long }, ...others],
    recovery: { ...run.recovery, blockers: [long], splitBrain: 'possible' },
  };
}

let browser: Browser | undefined;
let page: Page | undefined;
let folder = '';
const requested: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  if (!existsSync(executablePath)) {
    throw new Error(`${executablePath} is missing: apt-get install chromium (Debian), as .ci/run does`);
  }
  folder = await mkdtemp(join(tmpdir(), 'nanoops-page-'));
  browser = await chromium.launch({ executablePath, args });
  page = await browser.newPage();
  page.on('request', (request) => requested.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
});

afterAll(async () => {
  await browser?.close();
  if (folder !== '') await rm(folder, { recursive: true });
});

async function open(text: string): Promise<Page> {
  if (page === undefined) throw new Error('no browser');
  const file = join(folder, 'report.html');
  await writeFile(file, text);
  requested.length = 0;
  complaints.length = 0;
  await page.goto(pathToFileURL(file).href);
  return page;
}

/** What axe-core finds, a line each. */
async function violationsOn(shown: Page): Promise<readonly string[]> {
  return shown.evaluate<string[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`,
  );
}

/** How far the page reaches beyond its window, in pixels. */
const overflow = (shown: Page): Promise<number> =>
  shown.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

const pages: readonly (readonly [string, () => RunDocument])[] = [
  ['drill with its way back', () => recoveries.drill],
  ['failover with two writers', () => recoveries.failover],
  ['dry run', () => recoveries.rehearsed],
  ['diagnosis', () => runs.cause.document],
  ['run whose every text is hostile', hostile],
];

describe.each(pages)('the page of a %s', (_name, documentOf) => {
  it(
    'is accessible and fits, on a phone and a screen, by day and by night, and asks for nothing',
    { timeout: 120_000 },
    async () => {
      const shown = await open(runHtml(documentOf()));
      await shown.evaluate(axe.source);
      const violations: string[] = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        await shown.emulateMedia({ colorScheme });
        for (const size of [phone, screen]) {
          await shown.setViewportSize(size);
          expect(await overflow(shown)).toBe(0);
          // Letters and layout differ by width, colours by scheme: two looks see all of both.
          if ((size === phone) === (colorScheme === 'light')) violations.push(...(await violationsOn(shown)));
        }
      }
      expect(violations).toEqual([]);
      expect(requested).toEqual([shown.url()]);
      expect(complaints).toEqual([]);
      expect(await shown.title()).not.toBe('owned');
    },
  );
});

it('fits its paper, in ink on white also where the screen is dark', { timeout: 60_000 }, async () => {
  const shown = await open(runHtml(recoveries.drill));
  await shown.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await shown.setViewportSize({ width: 700, height: 990 });
  expect(await overflow(shown)).toBe(0);
  expect(await shown.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
  await shown.emulateMedia({ media: null });
});

it('draws bars as long as what they show', { timeout: 60_000 }, async () => {
  const shown = await open(runHtml(recoveries.missed));
  await shown.setViewportSize(screen);
  const bars = await shown.evaluate<{ share: number; pixels: number }[]>(
    `[...document.querySelectorAll('.card .track')].map((track) => {
      const { width } = track.querySelector('.fill').getBoundingClientRect();
      return { share: Math.round((width / track.getBoundingClientRect().width) * 100), pixels: width };
    })`,
  );
  // The miss fills its bar; 800 ms of 15 min are the thinnest line that can be seen.
  expect(bars).toEqual([expect.objectContaining({ share: 100 }), { share: 0, pixels: 2 }]);
});

it('runs no script and loads no picture, even were one written into it', { timeout: 60_000 }, async () => {
  const injected = `<script>document.title = 'owned'</script><img src="file:///etc/hostname" onerror="document.title = 'owned'">`;
  const shown = await open(runHtml(recoveries.blocked).replace('</main>', () => `${injected}</main>`));
  expect(await shown.title()).toBe('Failover on prod: attention');
  expect(complaints.join('\n')).toMatch(/Content Security Policy/);
  await shown.evaluate(
    `{ const script = document.createElement('script'); script.textContent = 'document.title = "owned"'; document.body.append(script); }`,
  );
  expect(await shown.title()).toBe('Failover on prod: attention');
});
