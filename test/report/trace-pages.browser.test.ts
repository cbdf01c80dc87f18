/** The waterfall and the map of calls in Chromium: they fit, axe-core finds nothing, and foreign text stays text. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DependencyFigure, WaterfallFigure } from '../../src/report/figures.ts';
import { sheetHtml } from '../../src/report/html/sheet-html.ts';
import type { Sheet } from '../../src/report/sheet.ts';
import { attack, openBrowser, overflow, phone, screen, type PageBrowser } from './browser.ts';

const sheet: Sheet = {
  command: 'trace show',
  environment: 'prod',
  verdict: 'ok',
  exitCode: 0,
  generatedAt: '2026-11-23T11:03:00.000Z',
  headline: `GET /x: 500, 5.15 s ${attack}`,
  isShown: true,
  tables: [],
  details: [],
  remarks: [],
  nextSteps: [],
  calls: 1,
};

const waterfall: WaterfallFigure = {
  totalMs: 1_000,
  omitted: 2,
  rows: Array.from({ length: 14 }, (_, depth) => ({
    depth,
    label: `part ${depth} ${attack} ${'SELECT a, b FROM c '.repeat(8)}`,
    startMs: depth * 10,
    endMs: 1_000 - depth * 10,
    tookMs: depth === 3 ? undefined : 1_000 - depth * 20,
    selfMs: 20,
    critical: [{ startMs: depth * 10, endMs: depth * 10 + 10 }],
    isCritical: true,
    isFault: depth % 3 === 0,
  })),
};

const nodes = Array.from({ length: 12 }, (_, index) => ({
  id: `n${index}`,
  label: `${attack} component ${index}`,
  type: index % 2 === 0 ? 'AWS::ECS::Container' : undefined,
  layer: Math.min(3, index),
}));
const dependencies: DependencyFigure = {
  nodes,
  edges: nodes.flatMap(({ id }, index) =>
    [`n${(index + 1) % 12}`, `n${(index * 5) % 12}`].map((to) => ({
      from: id,
      to,
      requests: 10 ** (index % 6),
      averageMs: index === 4 ? undefined : index * 100,
      p95Ms: index * 300,
      faultRate: index % 3 === 0 ? 0.02 : 0,
      errorRate: 0,
    })),
  ),
};

let browser: PageBrowser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

test.each([
  ['waterfall', { ...sheet, waterfall }],
  ['map', { ...sheet, dependencies }],
])('the %s', async (_what, shown: Sheet) => {
  expect(await browser.faultsOf(sheetHtml(shown))).toEqual([]);
});

test.each([
  ['a screen', screen],
  ['a phone', phone],
])('on %s nothing reaches beyond the window', async (_what, size) => {
  const page = await browser.open(sheetHtml({ ...sheet, waterfall, dependencies }));
  await page.setViewportSize(size);
  expect(await overflow(page)).toBe(0);
  expect(await page.title()).not.toBe('owned');
  expect(await page.locator('.gantt li').count()).toBe(waterfall.rows.length);
  expect(await page.locator('.map rect').count()).toBe(nodes.length);
});

test('what is said of a part stands with it, and is no part of its own', async () => {
  const details = ['nano-db', 'nano-cache'].map((title) => ({
    title,
    lines: [`${title} first`, `${title} second`],
    isMinor: true,
  }));
  const page = await browser.open(sheetHtml({ ...sheet, waterfall, details }));
  const items = page.locator('section', { has: page.getByRole('heading', { name: 'Operations' }) }).locator('li');
  expect(await items.allInnerTexts()).toEqual(details.map(({ title, lines }) => [title, ...lines].join('\n')));
});
