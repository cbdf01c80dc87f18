/** Chromium, for pages that stand alone: what is on them, how it fits, what axe-core says of it, and what it asks for. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium, type Page } from 'playwright-core';

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

export const phone = { width: 390, height: 844 };
export const screen = { width: 1280, height: 900 };

/** Text that wants to be more: a script, a picture, an end of whatever it stands in, a turn of direction, a bell. */
export const attack = `<script>document.title='owned'</script>"><img src=x onerror="document.title='owned'"></style>'\u202eשלום\u0007`;

export interface PageBrowser {
  /** Shows a page that is written as text. */
  open(text: string): Promise<Page>;
  /** What is wrong with a page: by axe-core, by what does not fit its window, by what it asked for or complained of. */
  faultsOf(text: string): Promise<readonly string[]>;
  /** What the page that is shown complained of. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** How far the page reaches beyond its window, in pixels. */
export const overflow = (shown: Page): Promise<number> =>
  shown.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** What axe-core finds, a line each. */
async function violationsOn(shown: Page): Promise<readonly string[]> {
  return shown.evaluate<string[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`,
  );
}

export async function openBrowser(): Promise<PageBrowser> {
  if (!existsSync(executablePath)) {
    throw new Error(`${executablePath} is missing: apt-get install chromium (Debian), as .ci/run does`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'nanoops-page-'));
  const browser = await chromium.launch({ executablePath, args });
  const page = await browser.newPage();
  const requested: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));

  const open = async (text: string): Promise<Page> => {
    const file = join(folder, 'report.html');
    await writeFile(file, text);
    requested.length = 0;
    complaints.length = 0;
    await page.goto(pathToFileURL(file).href);
    return page;
  };

  return {
    open,
    async faultsOf(text) {
      const shown = await open(text);
      await shown.evaluate(axe.source);
      const faults: string[] = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        await shown.emulateMedia({ colorScheme });
        for (const size of [phone, screen]) {
          await shown.setViewportSize(size);
          const beyond = await overflow(shown);
          if (beyond !== 0) faults.push(`${beyond} pixels beyond a window of ${size.width}`);
          // Letters and layout differ by width, colours by scheme: two looks see all of both.
          if ((size === phone) === (colorScheme === 'light')) faults.push(...(await violationsOn(shown)));
        }
      }
      const others = requested.filter((url) => url !== shown.url());
      if ((await shown.title()) === 'owned') faults.push('a script ran');
      return [...faults, ...others.map((url) => `asked for ${url}`), ...complaints];
    },
    complaints,
    async close() {
      await browser.close();
      await rm(folder, { recursive: true });
    },
  };
}
