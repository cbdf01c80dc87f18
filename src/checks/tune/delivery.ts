/** What browsers are sent: compressed, minified, kept as long as it may be, in parts where it is large, without source maps. */
import type { Known } from '../../diagnosis/known.ts';
import type { WebAnswer } from '../../cloud/inspection.ts';
import { check } from '../check.ts';
import { listed, notConfigured, ok, seenIn, span, unknown, warning, type Judged } from '../judged.ts';
import { dayMs } from '../kit.ts';
import { seen, type Fetched } from './observations.ts';
import { linesOf, unseenThere, web } from './origins.ts';
import { cacheControlOf, densityOf, isVersioned, kindOf, looksMinified, stylesIn, type AssetKind } from './page.ts';

const area = 'delivery';
/** CloudFront compresses nothing shorter (Developer Guide, "Serving compressed files"). */
const shortestCompressed = 1_000;
const encodings: ReadonlySet<string> = new Set(['gzip', 'br', 'zstd', 'deflate']);
const yearS = 365 * 24 * 3600;
const apiS = 300;

type Assets = Known<{
  readonly fetched: readonly Fetched[];
  readonly linked: ReadonlySet<string>;
  readonly left: number;
  readonly elsewhere: number;
}>;

interface Split {
  readonly answers: readonly WebAnswer[];
  /** What did not come, or came with another status: nothing is known of it. */
  readonly failed: readonly string[];
}

function split(fetched: readonly Fetched[], isGood: (status: number) => boolean = (status) => status === 200): Split {
  return {
    answers: fetched.flatMap((each) => ('answer' in each && isGood(each.answer.status) ? [each.answer] : [])),
    failed: fetched.flatMap((each) => {
      if ('problem' in each) return [`${pathOf(each.url)}: ${each.problem}`];
      return isGood(each.answer.status) ? [] : [`${pathOf(each.url)}: answered with ${each.answer.status}`];
    }),
  };
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  const path = pathname + search;
  return path.length > 80 ? `${path.slice(0, 79)}\u2026` : path;
}

const ofKind = (answers: readonly WebAnswer[], ...kinds: readonly AssetKind[]) =>
  answers.filter((answer) => kinds.includes(kindOf(answer)));

interface Verdict {
  readonly all: readonly WebAnswer[];
  /** Those that are not as they should be, each with why. */
  readonly bad: readonly { readonly answer: WebAnswer; readonly why: string }[];
  readonly failed: readonly string[];
  /** How many assets the page loads beyond those that were got. */
  readonly left: number;
  readonly line: (answer: WebAnswer) => string;
  readonly texts: { readonly good: string; readonly bad: (names: string) => string; readonly none: string };
  readonly nextStep: string;
  readonly target?: string;
}

/** What is seen to be wrong is told whatever else failed; all is well only where nothing was left out. */
function judgeAll({ all, bad, failed, left, line, texts, nextStep, target }: Verdict): Judged {
  const extras = target === undefined ? {} : { target };
  const why = new Map(bad.map((each) => [each.answer, each.why]));
  const sorted = [...bad.map(({ answer }) => answer), ...all.filter((each) => !why.has(each))];
  const found = [
    ...linesOf(
      web,
      sorted,
      (answer) => `${pathOf(answer.url)}: ${line(answer)}${why.has(answer) ? ` \u2013 ${why.get(answer) ?? ''}` : ''}`,
    ),
    ...linesOf(web, failed, (text) => text),
    ...(left > 0 ? seenIn(web, `${left} more files were not looked at`) : []),
  ];
  if (bad.length > 0) {
    return warning(texts.bad(listed(bad.map(({ answer }) => pathOf(answer.url)))), found, { ...extras, nextStep });
  }
  if (failed.length > 0)
    return unknown(`not everything came: ${failed[0] ?? ''}`, found, {
      ...extras,
      nextStep: 'see what was asked: nanoops tune delivery -v',
    });
  if (all.length === 0) return unknown(texts.none, [...found, ...seenIn(web, texts.none)], extras);
  return ok(texts.good, found, extras);
}

export const compression = check('tune-compression', {
  title: 'Compression',
  area,
  severity: 'warning',
  needs: { page: seen.page, assets: seen.assets },
  judge: ({ page, assets }): Judged => {
    if (!page.known) return unseenThere(page, web);
    if (!assets.known) return unseenThere(assets, web);
    const { answers, failed } = split([{ url: page.value.url, answer: page.value }, ...assets.value.fetched]);
    const all = ofKind(answers, 'page', 'script', 'style', 'data', 'text').filter(
      ({ text }) => text.length >= shortestCompressed,
    );
    const bad = all
      .filter((answer) => !encodings.has(encodingOf(answer)))
      .map((answer) => ({ answer, why: 'sent as it is' }));
    return judgeAll({
      all,
      bad,
      failed,
      left: assets.value.left,
      line: (answer) =>
        `${encodingOf(answer) || 'not encoded'}, ${answer.text.length}${answer.isCut ? ' and more' : ''} characters`,
      texts: {
        good: `all ${all.length} texts are compressed`,
        bad: (names) => `sent uncompressed, ${bad.length} of ${all.length} texts: ${names}`,
        none: 'no text is long enough for it to matter',
      },
      nextStep:
        'gzip or Brotli in the build, or "Compress objects automatically" in the distribution\u2019s behaviours',
      target: 'gzip or br',
    });
  },
});

function encodingOf({ headers }: WebAnswer): string {
  return (headers['content-encoding'] ?? '').toLowerCase().split(',').at(-1)?.trim() ?? '';
}

export const minification = check('tune-minification', {
  title: 'Minification',
  area,
  severity: 'info',
  needs: { assets: seen.assets },
  judge: ({ assets }: { assets: Assets }): Judged => {
    if (!assets.known) return unseenThere(assets, web);
    const { answers, failed } = split(loadedBy(assets.value));
    const all = ofKind(answers, 'script', 'style').filter(({ text }) => densityOf(text) !== undefined);
    const density = (answer: WebAnswer) => densityOf(answer.text) ?? { characters: 0, perLine: 0, indentShare: 0 };
    const bad = all
      .filter((answer) => !looksMinified(density(answer)))
      .map((answer) => ({ answer, why: 'looks as it was written' }));
    return judgeAll({
      all,
      bad,
      failed,
      left: assets.value.left,
      line: (answer) => {
        const { characters, perLine, indentShare } = density(answer);
        return `${characters} characters, ${Math.round(perLine)} a line, ${Math.round(indentShare * 100)} % indentation and line ends`;
      },
      texts: {
        good: `all ${all.length} scripts and styles look minified`,
        bad: (names) => `not minified by their look, ${bad.length} of ${all.length}: ${names}`,
        none: 'no script or style is long enough to tell',
      },
      nextStep: 'minify in the build pipeline; whether it was done is guessed from the text alone',
    });
  },
});

function loadedBy({ fetched, linked }: Extract<Assets, { known: true }>['value']): readonly Fetched[] {
  return fetched.filter(({ url }) => linked.has(url));
}

export const sourceMaps = check('tune-source-maps', {
  title: 'Source maps',
  area,
  severity: 'warning',
  needs: { assets: seen.assets, maps: seen.maps },
  judge: ({ assets, maps }): Judged => {
    if (!maps.known) return unseenThere(assets.known ? maps : assets, web);
    if (!assets.known) return unseenThere(assets, web);
    const { open, inline, fetched } = maps.value;
    const found = [
      ...linesOf(web, open, (url) => `${pathOf(url)}: answered with a source map`),
      ...linesOf(web, inline, (url) => `${pathOf(url)}: holds its source map`),
      ...seenIn(web, `${fetched.length} places were asked`),
    ];
    const nextStep = 'keep them in storage of their own, where the error tracker gets them: they are your source code';
    const told = [...open, ...inline];
    if (told.length > 0) {
      return warning(
        `${told.length} ${told.length === 1 ? 'source map is' : 'source maps are'} public: ${listed(told.map(pathOf))}`,
        found,
        { nextStep },
      );
    }
    const failed = fetched.flatMap((each) => ('problem' in each ? [`${pathOf(each.url)}: ${each.problem}`] : []));
    const unread = [...failed, ...split(assets.value.fetched).failed.filter((text) => /\.(?:js|css|mjs)\b/.test(text))];
    if (unread.length > 0)
      return unknown(`not everything came: ${unread[0] ?? ''}`, [...found, ...linesOf(web, unread, (text) => text)]);
    if (fetched.length === 0) return unknown('the page loads no script and no style of its own site', found);
    return ok(`none is public, of ${fetched.length} places where one might be`, found);
  },
});

export const criticalCss = check('tune-critical-css', {
  title: 'Critical CSS',
  area,
  severity: 'info',
  needs: { page: seen.page },
  judge: ({ page }): Judged => {
    if (!page.known) return unseenThere(page, web);
    const { status, text, url } = page.value;
    if (status !== 200 || kindOf(page.value) !== 'page')
      return unknown(
        `${pathOf(url)} answered with ${status}, ${kindOf(page.value) === 'page' ? 'a page' : 'no page'}`,
        seenIn(web, url),
      );
    const { blocking, inlineCharacters } = stylesIn(text);
    const found = seenIn(
      web,
      `${pathOf(url)}: ${blocking} stylesheets keep the first paint waiting, ${inlineCharacters} characters of style are inlined`,
    );
    if (blocking === 0 || inlineCharacters > 0) {
      return ok(
        blocking === 0
          ? 'no stylesheet keeps the first paint waiting'
          : `${inlineCharacters} characters of style come with the page`,
        found,
      );
    }
    return warning(
      `${blocking} ${blocking === 1 ? 'stylesheet keeps' : 'stylesheets keep'} the first paint waiting, and no style comes with the page`,
      found,
      {
        nextStep: 'inline what is above the fold in a <style>, and load the rest without blocking',
      },
    );
  },
});

export const staticCaching = check('tune-static-caching', {
  title: 'Static files, kept',
  area,
  severity: 'warning',
  needs: { assets: seen.assets },
  judge: ({ assets }): Judged => {
    if (!assets.known) return unseenThere(assets, web);
    const { answers, failed } = split(loadedBy(assets.value));
    const bad = answers.flatMap((answer) => {
      const { maxAgeS, isImmutable } = cacheControlOf(answer);
      if (!isVersioned(answer.url)) return [{ answer, why: 'no version in its name: nobody can keep it for long' }];
      if (maxAgeS === undefined || maxAgeS < yearS)
        return [
          {
            answer,
            why: `kept for ${maxAgeS === undefined ? 'as long as the browser likes' : span(maxAgeS * 1000)} instead of a year`,
          },
        ];
      return isImmutable ? [] : [{ answer, why: 'not immutable: asked for again when the page is reloaded' }];
    });
    return judgeAll({
      all: answers,
      bad,
      failed,
      left: assets.value.left,
      line: (answer) => cacheControlOf(answer).text,
      texts: {
        good: `all ${answers.length} are versioned and kept for a year`,
        bad: (names) => `not kept for a year, ${bad.length} of ${answers.length}: ${names}`,
        none: 'the page loads no script and no style of its own site',
      },
      nextStep: 'a hash of the content in the name, and Cache-Control: public, max-age=31536000, immutable',
      target: 'max-age=31536000, immutable',
    });
  },
});

export const apiCaching = check('tune-api-caching', {
  title: 'API answers, kept',
  area,
  severity: 'info',
  needs: { assets: seen.assets },
  judge: ({ assets }, { tuning }): Judged => {
    if (!assets.known) return unseenThere(assets, web);
    const probed = assets.value.fetched.filter(({ url }) => !assets.value.linked.has(url));
    const { answers, failed } = split(probed);
    const all = ofKind(answers, 'data');
    if (all.length === 0 && failed.length === 0) {
      return notConfigured(
        (tuning?.cdn?.probes.length ?? 0) === 0
          ? 'cdn.probes is not configured: which answers of the API?'
          : 'cdn.probes names nothing that answers with JSON',
      );
    }
    const bad = all.flatMap((answer) => {
      const { maxAgeS } = cacheControlOf(answer);
      if (maxAgeS === apiS) return [];
      return [
        {
          answer,
          why:
            maxAgeS === undefined
              ? 'does not say for how long'
              : `kept for ${span(maxAgeS * 1000)} instead of ${span(apiS * 1000)}`,
        },
      ];
    });
    return judgeAll({
      all,
      bad,
      failed,
      left: 0,
      line: (answer) => cacheControlOf(answer).text,
      texts: {
        good: `${all.length === 1 ? 'it is' : `all ${all.length} are`} kept for ${span(apiS * 1000)}`,
        bad: (names) => `not kept for ${span(apiS * 1000)}, ${bad.length} of ${all.length}: ${names}`,
        none: 'no answer of the API came',
      },
      nextStep: 'Cache-Control: max-age=300; what is for one person alone is private, and belongs out of cdn.probes',
      target: 'max-age=300',
    });
  },
});

export const rangeRequests = check('tune-range-requests', {
  title: 'Range requests',
  area,
  severity: 'warning',
  needs: { page: seen.page, ranges: seen.ranges },
  judge: ({ page, ranges }): Judged => {
    if (!ranges.known) return unseenThere(page.known ? ranges : page, web);
    if (ranges.value.length === 0) return notConfigured('the page links to no ZIP, and cdn.probes names none');
    const { answers, failed } = split(ranges.value, (status) => status === 200 || status === 206);
    const bad = answers.flatMap((answer) => {
      if (answer.status === 200) return [{ answer, why: 'the whole file came' }];
      return /^bytes 0-0\/(?:\d+|\*)$/i.test(answer.headers['content-range'] ?? '')
        ? []
        : [{ answer, why: 'not the part that was asked for' }];
    });
    return judgeAll({
      all: answers,
      bad,
      failed,
      left: 0,
      line: ({ status, headers }) =>
        `${status}, ${headers['content-range'] === undefined ? 'no Content-Range' : `Content-Range: ${headers['content-range']}`}`,
      texts: {
        good: `${answers.length} ${answers.length === 1 ? 'ZIP' : 'ZIPs'} can be had in parts`,
        bad: (names) => `cannot be had in parts, ${bad.length} of ${answers.length}: ${names}`,
        none: 'no ZIP came',
      },
      nextStep: 'let the origin answer Range (S3 does); a function or a proxy in between must pass it on',
      target: '206 with Content-Range',
    });
  },
});

/** What is kept at the edge, where the origin does not say. */
const edgeS = 600;

export const cdnTtl = check('tune-cdn-ttl', {
  title: 'CDN TTL',
  area,
  severity: 'warning',
  needs: { distribution: seen.distribution },
  judge: ({ distribution }, told): Judged => {
    const origin = { operation: 'cloudfront:GetDistributionConfig', region: 'us-east-1' };
    if (!distribution.known) return unseenThere(distribution, origin);
    const { id, enabled, behaviours, source } = distribution.value;
    const found = linesOf(
      source,
      behaviours,
      ({ paths, minTtlS, defaultTtlS, maxTtlS, policy, compresses }) =>
        `${paths}: ${minTtlS}, ${defaultTtlS}, ${maxTtlS} s (least, default, most), ${policy}${compresses ? '' : ', does not compress'}`,
    );
    const target = `${edgeS} s`;
    const nextStep = ['aws', 'cloudfront', 'get-distribution-config', '--id', id, ...told.awsOptions].join(' ');
    if (!enabled) return warning(`${id} is switched off`, found, { target, nextStep });
    const [whole] = behaviours;
    if (whole === undefined) return unknown(`${id} has no behaviour`, found, { target });
    const extras = { target, observed: { value: whole.defaultTtlS, unit: 's' }, nextStep };
    const stuck = behaviours.filter(({ minTtlS }) => minTtlS > edgeS);
    if (stuck.length > 0) {
      return warning(
        `${listed(stuck.map(({ paths }) => paths))} ${stuck.length === 1 ? 'is' : 'are'} kept for ${span(Math.max(...stuck.map(({ minTtlS }) => minTtlS)) * 1000)} at least, whatever the origin says`,
        found,
        extras,
      );
    }
    // Where nothing may be kept, somebody meant that; for what no pattern covers it leaves the edge without use.
    const wrong = behaviours.filter((each) => each.defaultTtlS !== edgeS && (each === whole || each.maxTtlS > 0));
    const without = behaviours.filter((each) => each.maxTtlS === 0).length;
    if (wrong.length === 0) {
      return ok(
        `kept for ${span(edgeS * 1000)} where the origin says nothing${without > 0 ? `; ${without} ${without === 1 ? 'pattern is' : 'patterns are'} never kept` : ''}`,
        found,
        { target, observed: extras.observed },
      );
    }
    return warning(
      wrong
        .map(
          ({ paths, defaultTtlS }) =>
            `${paths} is kept for ${span(defaultTtlS * 1000)} instead of ${span(edgeS * 1000)} where the origin says nothing`,
        )
        .slice(0, 3)
        .join('; '),
      found,
      extras,
    );
  },
});

/** A product whose content changes every day invalidates within it. */
const invalidatedWithinMs = 30 * dayMs;
/** An invalidation takes minutes (CloudFront Developer Guide, "Invalidating files"). */
const stuckMs = 3_600_000;

export const cdnInvalidations = check('tune-cdn-invalidations', {
  title: 'CDN invalidations',
  area,
  severity: 'info',
  needs: { invalidations: seen.invalidations },
  judge: ({ invalidations }, { nowMs }): Judged => {
    const origin = { operation: 'cloudfront:ListInvalidations', region: 'us-east-1' };
    if (!invalidations.known) return unseenThere(invalidations, origin);
    const { newest, source } = invalidations.value;
    const [last] = newest;
    const found = linesOf(
      source,
      newest.slice(0, 5),
      ({ id, at, isDone }) => `${id} of ${new Date(at).toISOString()}: ${isDone ? 'done' : 'under way'}`,
    );
    const nextStep = 'invalidate the paths that changed when content is published: aws cloudfront create-invalidation';
    if (last === undefined)
      return warning(
        'nobody ever invalidated anything: what changes is seen once its TTL is over',
        seenIn(source, 'no invalidations'),
        { nextStep },
      );
    const stuck = newest.filter(({ at, isDone }) => !isDone && nowMs - at > stuckMs);
    if (stuck.length > 0)
      return warning(
        `${stuck.length} under way for more than an hour`,
        linesOf(source, stuck, ({ id, at }) => `${id} of ${new Date(at).toISOString()}`),
        { nextStep: 'AWS Health tells of trouble with CloudFront' },
      );
    const agoMs = nowMs - last.at;
    if (agoMs > invalidatedWithinMs)
      return warning(`the newest is ${span(agoMs)} old: what changes is seen once its TTL is over`, found, {
        nextStep,
      });
    return ok(`the newest is ${span(Math.max(0, agoMs))} old and ${last.isDone ? 'done' : 'under way'}`, found);
  },
});
