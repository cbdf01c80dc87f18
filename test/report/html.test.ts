import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markup, percentOf, unbroken } from '../../src/report/html/html.ts';
import { runHtml } from '../../src/report/html/run-html.ts';
import { actingRuns } from '../terminal/acting.ts';
import { runs } from '../terminal/fixtures.ts';
import { nasty } from '../terminal/nasty.ts';
import { infected, recoveries } from './recovery.ts';

const names = Object.keys(recoveries) as (keyof typeof recoveries)[];

describe('a template', () => {
  it('escapes every value, and joins lists', () => {
    const given = `<script>alert("1")</script> & 'x' \``;
    expect(String(markup`<p title="${given}">${given}</p>`)).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39; &#96;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39; &#96;</p>',
    );
    expect(String(markup`<ul>${['a', '<b>'].map((each) => markup`<li>${each}</li>`)}</ul>`)).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li></ul>',
    );
    expect(String(markup`${undefined}${0}`)).toBe('0');
  });

  it('keeps number and unit on one line, and escapes as ever', () => {
    expect(String(unbroken('<b> 6 min 14 s of 1 h'))).toBe('&lt;b&gt; 6&nbsp;min 14&nbsp;s of 1&nbsp;h');
  });

  it('gives widths between nothing and all, whatever the numbers are', () => {
    expect([percentOf(1, 3), percentOf(-1, 3), percentOf(4, 3), percentOf(1, 0), percentOf(Number.NaN, 1)]).toEqual([
      '33.33%',
      '0%',
      '100%',
      '0%',
      '0%',
    ]);
  });
});

/** Tags and attributes' names in order: what a page is, without its texts. */
const shape = (page: string): string[] => page.match(/<\/?[a-z0-9]+|\s[a-z-]+="/g) ?? [];

describe('a page', () => {
  it.each(names)('has the same shape whatever its texts are, of a run that ends "%s"', (name) => {
    const expected = shape(runHtml(infected(recoveries[name], 'x')));
    const texts = fc.oneof(
      nasty,
      fc.constantFrom('<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onload='", '</style>', '-->'),
    );
    fc.assert(
      fc.property(texts, (text) => {
        // A headline of another length is set otherwise, which is all that may differ.
        const found = shape(runHtml(infected(recoveries[name], `x${text}`)));
        expect(found.filter((each) => each !== ' class="')).toEqual(expected.filter((each) => each !== ' class="'));
      }),
      { numRuns: 25 },
    );
  });

  it('has no control characters and nothing that turns the direction of reading', () => {
    const page = runHtml(infected(recoveries.drill, '\u202e\u0007\u001b[31m\u0000'));
    expect(page.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('says what was not measured, and never that it was nothing', () => {
    const page = runHtml(recoveries.unmeasured);
    expect(page).toContain('RPO: not measured; predicted 1 s; objective 15 min');
    expect(page).toMatch(/<p class="value none">\s*not measured/);
    expect(runHtml(recoveries.failed)).not.toContain('✓</span> met');
  });

  it('says that it was simulated, and only then', () => {
    expect(runHtml(recoveries.drill)).toContain('on the simulated AWS');
    expect(runHtml(recoveries.failover)).not.toContain('on the simulated AWS</p>');
  });

  it('tells the way there and the way back, what was left out, and what two writers mean', () => {
    const page = runHtml(recoveries.drill);
    expect(page.indexOf('>Way there<')).toBeGreaterThan(0);
    expect(page.indexOf('>Way back<')).toBeGreaterThan(page.indexOf('>Way there<'));
    expect(page).toContain(
      '3 steps not needed: Promote the read replica; Detach the secondary; Turn the routing control',
    );
    expect(runHtml(recoveries.failover)).toContain('Split brain is possible');
  });

  it('counts what comes after the way back to it, so that the way there keeps its scale', () => {
    const { steps } = recoveries.drill;
    const late = steps.map((step) =>
      step.id === 'tell' ? { ...step, title: 'Tell it all', startedAt: '2026-12-08T15:17:36.000Z' } : step,
    );
    const page = runHtml({ ...recoveries.drill, steps: late });
    expect(page.indexOf('Tell it all')).toBeGreaterThan(page.indexOf('>Way back<'));
  });

  it('tells the causes of a diagnosis with what speaks for and against them', () => {
    const page = runHtml(runs.cause.document);
    expect(page).toContain('<h2 id="causes">Causes</h2>');
    for (const word of ['For', 'Against', 'Missing']) expect(page).toContain(`<h4>${word}</h4>`);
    expect(page).not.toContain('Objectives');
  });

  it.each(Object.keys(actingRuns) as (keyof typeof actingRuns)[])(
    'is made of a run that acts and ends "%s"',
    (name) => {
      expect(runHtml(actingRuns[name].document)).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
    },
  );

  it('is made of a document with nothing in it but what must be', () => {
    const { objectives: _o, recovery: _r, failback: _f, notes: _n, nextSteps: _s, ...least } = recoveries.drill;
    const page = runHtml({ ...least, steps: [], mutations: [], api: { calls: 0, mutations: 0, byOperation: {} } });
    expect(page).toContain('Nothing was changed.');
    expect(page).not.toMatch(/<ul[^>]*>\s*<\/ul>/);
  });
});
