/** Pages of runs in a real browser: on a phone and on a screen, by day and by night, and with text that wants to be more. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHtml } from '../../src/report/html/run-html.ts';
import type { RunDocument } from '../../src/report/schemas.ts';
import { runs } from '../terminal/fixtures.ts';
import { attack, openBrowser, overflow, screen, type PageBrowser } from './browser.ts';
import { infected, recoveries } from './recovery.ts';

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

let browser: PageBrowser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(() => browser?.close());

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
    async () => expect(await browser.faultsOf(runHtml(documentOf()))).toEqual([]),
  );
});

it('fits its paper, in ink on white also where the screen is dark', { timeout: 180_000 }, async () => {
  const shown = await browser.open(runHtml(recoveries.drill));
  await shown.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await shown.setViewportSize({ width: 700, height: 990 });
  expect(await overflow(shown)).toBe(0);
  expect(await shown.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
  await shown.emulateMedia({ media: null });
});

it('draws bars as long as what they show', { timeout: 180_000 }, async () => {
  const shown = await browser.open(runHtml(recoveries.missed));
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

it('runs no script and loads no picture, even were one written into it', { timeout: 180_000 }, async () => {
  const injected = `<script>document.title = 'owned'</script><img src="file:///etc/hostname" onerror="document.title = 'owned'">`;
  const shown = await browser.open(runHtml(recoveries.blocked).replace('</main>', () => `${injected}</main>`));
  expect(await shown.title()).toBe('Failover on prod: attention');
  expect(browser.complaints.join('\n')).toMatch(/Content Security Policy/);
  await shown.evaluate(
    `{ const script = document.createElement('script'); script.textContent = 'document.title = "owned"'; document.body.append(script); }`,
  );
  expect(await shown.title()).toBe('Failover on prod: attention');
});
