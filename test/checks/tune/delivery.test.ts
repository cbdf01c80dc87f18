/** What `tune` makes of the cache and of what a site sends, at the edges. */
import { describe, expect, test } from 'vitest';
import { cachePolicy, cacheTtls } from '../../../src/checks/tune/cache.ts';
import {
  apiCaching,
  cdnInvalidations,
  cdnTtl,
  compression,
  criticalCss,
  minification,
  rangeRequests,
  sourceMaps,
  staticCaching,
} from '../../../src/checks/tune/delivery.ts';
import { assetsIn, isVersioned, looksLikeMap, mapsOf, stylesIn } from '../../../src/checks/tune/page.ts';
import type { WebAnswer } from '../../../src/cloud/inspection.ts';
import { answer, dayMs, judge, nowMs, type Ended } from './table.ts';

const long = 'x'.repeat(1_000);
const page = (text = long, headers: Record<string, string> = { 'content-encoding': 'br' }) =>
  answer('/', 'text/html; charset=utf-8', { text, headers });
const seen = (...answers: readonly (WebAnswer | { url: string; problem: string })[]): Ended => ({
  page: page(),
  assets: {
    fetched: answers.map((each) => ('problem' in each ? each : { url: each.url, answer: each })),
    linked: new Set(answers.map(({ url }) => url).filter((url) => !url.includes('/api/'))),
    left: 0,
    elsewhere: 0,
  },
});
const gone = { url: 'https://nano.example/a.1a2b3c4d.js', problem: 'no answer' };

describe('compression', () => {
  const script = (encoding: string | undefined, length = 1_000) =>
    answer('/a.js', 'text/javascript', {
      text: 'x'.repeat(length),
      ...(encoding === undefined ? {} : { headers: { 'content-encoding': encoding } }),
    });

  test.each([
    ['gzip', 'ok'],
    ['br', 'ok'],
    ['identity', 'warning'],
    [undefined, 'warning'],
  ])('%s', (encoding, status) => {
    expect(judge(compression, seen(script(encoding))).status).toBe(status);
  });

  test('what is too short does not count, an image neither, and what did not come leaves it open', () => {
    expect(judge(compression, seen(script(undefined, 999))).status).toBe('ok');
    expect(judge(compression, seen(answer('/a.png', 'image/png', { text: long }))).status).toBe('ok');
    expect(judge(compression, seen(gone)).status).toBe('unknown');
    expect(judge(compression, seen(script(undefined), gone)).status).toBe('warning');
    expect(judge(compression, { page: new Error('it is down') })).toMatchObject({ status: 'unknown' });
    expect(judge(compression, {}).status).toBe('not-configured');
  });
});

describe('minification', () => {
  const written = '    const answer = 42;\n\n    call(answer);\n'.repeat(80);
  const minified = `const a=42;call(a);${'call(a,a,a);'.repeat(300)}`;

  test.each([
    ['written for people', written, 'warning'],
    ['in one line', minified, 'ok'],
    ['minified, with a licence before it', `/*\n * MIT\n */\n${minified}`, 'ok'],
    ['too short to tell', written.slice(0, 1_999), 'unknown'],
  ])('%s', (_name, text, status) => {
    expect(judge(minification, seen(answer('/a.js', 'text/javascript', { text }))).status).toBe(status);
  });
});

describe('what is kept', () => {
  const kept = (url: string, cacheControl?: string) =>
    answer(url, url.includes('/api/') ? 'application/json' : 'text/css', {
      ...(cacheControl === undefined ? {} : { headers: { 'cache-control': cacheControl } }),
    });

  test.each([
    ['/a.1a2b3c4d.css', 'public, max-age=31536000, immutable', 'ok'],
    ['/a.1a2b3c4d.css', 'max-age=31535999, immutable', 'warning'],
    ['/a.1a2b3c4d.css', 'max-age=31536000', 'warning'],
    ['/a.1a2b3c4d.css', 'no-store, max-age=31536000, immutable', 'warning'],
    ['/a.1a2b3c4d.css', undefined, 'warning'],
    ['/a.css', 'max-age=31536000, immutable', 'warning'],
  ])('static: %s with %s', (url, cacheControl, status) => {
    expect(judge(staticCaching, seen(kept(url, cacheControl))).status).toBe(status);
  });

  test.each([
    ['max-age=300', 'ok'],
    ['max-age=301', 'warning'],
    ['max-age=299', 'warning'],
    ['no-store', 'warning'],
    [undefined, 'warning'],
  ])('an answer of the API with %s', (cacheControl, status) => {
    expect(judge(apiCaching, seen(kept('/api/v1/nanos', cacheControl))).status).toBe(status);
  });

  test('no page that loads anything is unknown, no answer of the API asked for not configured', () => {
    expect(judge(staticCaching, seen()).status).toBe('unknown');
    expect(judge(apiCaching, seen()).status).toBe('not-configured');
    expect(judge(apiCaching, seen({ url: 'https://nano.example/api/v1/nanos', problem: 'no' })).status).toBe('unknown');
  });

  test.each([
    ['/app.3f9a1c7b.js', true],
    ['/app-BxT7k2Qz.js', true],
    ['/app.js?v=12', true],
    ['/lib/2.1.0/app.js', true],
    ['/app.js', false],
    ['/application.js', false],
    ['/jquery.min.js', false],
    ['/deadbeef-page.js', false],
  ])('%s is versioned: %s', (path, versioned) => {
    expect(isVersioned(`https://nano.example${path}`)).toBe(versioned);
  });
});

describe('source maps', () => {
  const script = (text: string, headers: Record<string, string> = {}) =>
    answer('/js/a.js', 'text/javascript', { text, headers });
  const places = (each: WebAnswer) => mapsOf(each).map(({ map }) => map);

  test('where a script says, where tools put them, and in it', () => {
    expect(places(script('x'))).toEqual(['https://nano.example/js/a.js.map']);
    expect(places(script('x\n//# sourceMappingURL=b.map'))[0]).toBe('https://nano.example/js/b.map');
    expect(places(script('x', { sourcemap: '/maps/b.map' }))[0]).toBe('https://nano.example/maps/b.map');
    expect(places(script('//# sourceMappingURL=data:application/json;base64,e30='))).toEqual([undefined]);
    // Another site is nobody's business here.
    expect(places(script('//# sourceMappingURL=https://elsewhere.example/b.map'))).toEqual([
      'https://nano.example/js/a.js.map',
    ]);
    expect(mapsOf(answer('/', 'text/html', { text: 'x' }))).toEqual([]);
  });

  test('a page that answers for every path is no map', () => {
    expect(looksLikeMap({ status: 200, text: '{"version":3,"sources":[]}' })).toBe(true);
    expect(looksLikeMap({ status: 200, text: ')]}\'\n{"version":3}' })).toBe(true);
    expect(looksLikeMap({ status: 200, text: '<!doctype html>' })).toBe(false);
    expect(looksLikeMap({ status: 403, text: '{"version":3}' })).toBe(false);
  });

  test.each([
    [{ open: ['https://nano.example/a.js.map'], inline: [], fetched: [] }, 'warning'],
    [{ open: [], inline: ['https://nano.example/a.js'], fetched: [] }, 'warning'],
    [
      {
        open: [],
        inline: [],
        fetched: [{ url: 'https://nano.example/a.js.map', answer: answer('/a.js.map', 'text/html', { status: 404 }) }],
      },
      'ok',
    ],
    [{ open: [], inline: [], fetched: [gone] }, 'unknown'],
    [{ open: [], inline: [], fetched: [] }, 'unknown'],
  ])('%#', (maps, status) => {
    expect(judge(sourceMaps, { ...seen(), 'source-maps': maps }).status).toBe(status);
  });
});

describe('pages', () => {
  test('what a page loads from its own site, each once; comments and other sites left out', () => {
    const text = `<!-- <script src="/old.js"></script> --><script src="/a.js"></script><SCRIPT SRC='/a.js'></SCRIPT>
      <link rel="stylesheet" href="b.css?x=1&amp;y=2"><link rel=preload as=script href=/c.js><link rel=icon href=/i.png>
      <script src="https://other.example/d.js"></script><a href="/f.zip">f</a><a href="https://other.example/g.zip">g</a>
      <script src="data:text/javascript,1"></script>`;
    expect(assetsIn({ url: 'https://nano.example/', text })).toEqual({
      loaded: ['https://nano.example/a.js', 'https://nano.example/b.css?x=1&y=2', 'https://nano.example/c.js'],
      elsewhere: 1,
      zips: ['https://nano.example/f.zip'],
    });
  });

  test('a text that is made to take long does not', () => {
    const text = `${'<script '.repeat(200_000)}${'<!--'.repeat(200_000)}`;
    const beganAt = performance.now();
    assetsIn({ url: 'https://nano.example/', text });
    stylesIn(text);
    mapsOf(answer('/a.js', 'text/javascript', { text: 'sourceMappingURL='.repeat(100_000) }));
    expect(performance.now() - beganAt).toBeLessThan(2_000);
  });

  test.each([
    ['<head><link rel=stylesheet href=a.css></head>', 'warning'],
    ['<head><style>a{}</style><link rel=stylesheet href=a.css></head>', 'ok'],
    ['<head><link rel=stylesheet media=print href=a.css></head>', 'ok'],
    ['<head></head><body><style>a{}</style>', 'ok'],
  ])('critical CSS: %s', (text, status) => {
    expect(judge(criticalCss, { page: page(text) }).status).toBe(status);
  });
});

describe('ranges', () => {
  const zip = (status: number, range?: string) => {
    const each = answer('/f.zip', 'application/zip', {
      status,
      headers: range === undefined ? {} : { 'content-range': range },
    });
    return [{ url: each.url, answer: each }];
  };

  test.each([
    [zip(206, 'bytes 0-0/4711'), 'ok'],
    [zip(206, 'bytes 0-9/4711'), 'warning'],
    [zip(206), 'warning'],
    [zip(200), 'warning'],
    [zip(404), 'unknown'],
    [[gone], 'unknown'],
    [[], 'not-configured'],
  ])('%#', (ranges, status) => {
    expect(judge(rangeRequests, { page: page(), ranges }).status).toBe(status);
  });
});

describe('the distribution', () => {
  const source = { operation: 'cloudfront:GetDistributionConfig', region: 'us-east-1', detail: 'E1' };
  const behaviour = (paths: string, minTtlS: number, defaultTtlS: number, maxTtlS: number) => ({
    ...{ paths, minTtlS, defaultTtlS, maxTtlS, compresses: true, policy: 'own' },
  });

  test.each([
    [[behaviour('*', 0, 600, 86_400)], true, 'ok'],
    [[behaviour('*', 0, 599, 86_400)], true, 'warning'],
    [[behaviour('*', 601, 601, 86_400)], true, 'warning'],
    [[behaviour('*', 0, 0, 0)], true, 'warning'],
    [[behaviour('*', 0, 600, 86_400), behaviour('/api/*', 0, 0, 0)], true, 'ok'],
    [[behaviour('*', 0, 600, 86_400), behaviour('/a/*', 0, 86_400, 86_400)], true, 'warning'],
    [[behaviour('*', 0, 600, 86_400)], false, 'warning'],
    [[], true, 'unknown'],
  ])('TTLs: %#', (behaviours, enabled, status) => {
    expect(judge(cdnTtl, { distribution: { id: 'E1', enabled, behaviours, source } }).status).toBe(status);
  });

  const sent = (agoMs: number, isDone = true) => [{ id: 'I1', at: nowMs - agoMs, isDone }];

  test.each([
    [sent(30 * dayMs), 'ok'],
    [sent(30 * dayMs + 1), 'warning'],
    [sent(3_600_000, false), 'ok'],
    [sent(3_600_001, false), 'warning'],
    [[], 'warning'],
  ])('invalidations: %#', (newest, status) => {
    expect(judge(cdnInvalidations, { invalidations: { newest, truncated: false, source } }).status).toBe(status);
  });
});

describe('the cache', () => {
  const server = (policy?: string) => ({ version: 'Redis 7', policy, maxMemoryBytes: 1, usedMemoryBytes: 1 });
  const group = (maxMemoryPolicy?: string) => ({ group: 'g', maxMemoryPolicy, source: {} });

  test.each([
    [server('allkeys-lru'), undefined, 'ok'],
    [server('volatile-lru'), group('volatile-lru'), 'ok'],
    [server('allkeys-lru'), group('noeviction'), 'warning'],
    [server('allkeys-lfu'), undefined, 'warning'],
    [server('noeviction'), undefined, 'warning'],
    [server(), group('allkeys-lru'), 'ok'],
    [undefined, group('volatile-ttl'), 'warning'],
    [undefined, group(), 'unknown'],
    [new Error('it is down'), group('allkeys-lru'), 'ok'],
    [new Error('it is down'), undefined, 'unknown'],
    [undefined, new Error('may not'), 'unknown'],
    [undefined, undefined, 'not-configured'],
  ])('policy: %#', (running, set, status) => {
    expect(judge(cachePolicy, { 'cache-server': running, 'cache-parameters': set }).status).toBe(status);
  });

  const keys = (session: object, search: object, rest: object = {}, isComplete = false) => ({
    total: 100,
    sampled: isComplete ? 100 : 50,
    isComplete,
    groups: [
      { pattern: 'session:*', keys: 10, withoutExpiry: 0, longestLeftMs: 3_600_000, ...session },
      { pattern: 'search:*', keys: 10, withoutExpiry: 0, longestLeftMs: 1_800_000, ...search },
      { keys: 0, withoutExpiry: 0, ...rest },
    ],
  });
  const none = { keys: 0, longestLeftMs: undefined };

  test.each([
    ['all in time', keys({}, {}), 'ok'],
    ['one a second too long, which its way may take', keys({ longestLeftMs: 3_601_000 }, {}), 'ok'],
    ['one too long', keys({ longestLeftMs: 3_601_001 }, {}), 'warning'],
    ['one for ever', keys({ withoutExpiry: 1 }, {}), 'warning'],
    ['others for ever', keys({}, {}, { keys: 5, withoutExpiry: 1 }), 'warning'],
    ['one kind not in the sample', keys({}, none), 'unknown'],
    ['one kind not there at all', keys({}, none, {}, true), 'ok'],
    ['no kind there at all', keys(none, none, {}, true), 'unknown'],
    ['one kind not in the sample, another for ever', keys({ withoutExpiry: 1 }, none), 'warning'],
  ])('TTLs: %s', (_name, sample, status) => {
    expect(judge(cacheTtls, { 'cache-keys': sample }).status).toBe(status);
  });
});
