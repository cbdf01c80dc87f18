/** `status` on a terminal, and the picture of a watch: what is said, in which place, and that it fits. */
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { statusView } from '../../src/terminal/status-view.ts';
import { widthOf } from '../../src/terminal/text.ts';
import { watchLines } from '../../src/terminal/watch-lines.ts';
import { WatchMemory, watchPicture } from '../../src/terminal/watch-picture.ts';
import { laterReport, metrics, reportedAt, statusReport } from '../report/reports.ts';

const options = { columns: 80, color: false, verbosity: 0, timeZone: 'UTC' } as const;

describe('the status', () => {
  it('says what is wrong first, then each metric in its table, in the specification’s order', () => {
    expect(`\n${statusView(statusReport(), options)}\n`).toMatchInlineSnapshot(`
      "
      ! 1 beyond the alert threshold: API latency p99; 1 off target: API availability;
        1 unknown: database query latency p95

      Application             measured                                 target    alert
        ! Availability         99.84 %                        ██▃▁  ≥99.95 %    <99 %
            Availability, as it was found
            next  nanoops logs errors
        ✗ Latency p99           4.14 s  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁████      <2 s     >3 s
            p99 4.14 s to 4.88 s over 5m, newest 4.18 s
            next  nanoops diagnose latency

      Database                measured                                 target    alert
        ✓ CPU                   41.2 %                         ▅▅▅     <70 %    >80 %
        ? Query latency p95                                           <100 ms  >200 ms
            xray:BatchGetTraces in us-west-2: not allowed
            next  allow xray:BatchGetTraces

      Infrastructure          measured                                 target    alert
        ✓ 日本語のタスク        47.2 %                          ▆▆     <70 %    >75 %

      Business                measured                                 target    alert
        · Daily active users   9,505                           ███    >100      <50

      – not configured: Latency of the balancer itself

      1 breach, 1 warning, 1 unknown, 3 ok, 1 not configured · 20 calls
      data until 11:01 UTC · 2026-11-23 11:03 UTC
      "
    `);
  });

  it.each([40, 50, 60, 80, 100, 140, 200])('fits a screen of %i cells', (columns) => {
    for (const verbosity of [0, 1] as const) {
      for (const line of statusView(statusReport(), { ...options, columns, verbosity }).split('\n')) {
        expect(widthOf(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  it.each([60, 80, 140])('never leaves a value out, on %i cells', (columns) => {
    const text = statusView(statusReport(), { ...options, columns });
    for (const value of ['99.84 %', '4.14 s', '41.2 %', '47.2 %', '9,505', '≥99.95 %', '>200 ms'])
      expect(text).toContain(value);
  });

  it('colours by meaning, and says nothing by colour alone', () => {
    const colored = statusView(statusReport(), { ...options, color: true });
    expect(stripVTControlCharacters(colored)).toBe(statusView(statusReport(), options));
    expect(colored).toContain('\u001b[31m✗\u001b[39m');
    expect(colored).not.toContain('\u001b[31mタスク');
  });

  it('answers in a line with -q', () => {
    expect(statusView(statusReport(), { ...options, verbosity: -1 })).toBe(`! ${statusReport().summary}`);
  });
});

const well = metrics.map((check) => ({
  ...check,
  status: check.status === 'not-configured' ? check.status : ('ok' as const),
}));
const calm = statusReport(well, { verdict: 'ok', exitCode: 0, summary: 'All 6 metrics meet their targets' });

/** A watch that has seen these reports, half a minute apart. */
function watched(...reports: readonly ReturnType<typeof statusReport>[]): WatchMemory {
  const memory = new WatchMemory();
  reports.forEach((document, index) => {
    const at = Date.parse(document.generatedAt);
    memory.take({ type: 'looked', look: index + 1, at, document, nextAt: at + 30_000 });
  });
  return memory;
}

const screen = { columns: 80, rows: 50, color: false, timeZone: 'UTC', hasKeys: true } as const;
const missed = {
  type: 'missed',
  look: 2,
  at: reportedAt + 30_000,
  failure: { errorClass: 'credentials', reason: 'the credentials have expired', nextStep: 'aws sso login' },
  nextAt: reportedAt + 60_000,
} as const;

describe('the picture of a watch', () => {
  it('marks what changed since the look before, and says what it was', () => {
    const breached = { status: 'breach', observed: { value: 92, unit: '%' } } as const;
    const memory = watched(statusReport(), laterReport('database-cpu', breached));
    const text = watchPicture(memory, screen).join('\n');
    expect(text).toMatch(/^\* ✗ CPU .* 92 % .*\n {6}was ok \(41\.2 %\) until 11:03 UTC$/m);
    expect(text).toContain('* 1 change since the look before');
    expect(text).toContain('seen 11:04:00 UTC · data until 11:01 UTC, 3 min old then');
    expect(text).toContain('look 3 at 11:04:30 UTC');
    expect(text).toMatch(/q leaves$/);
    memory.take({ type: 'looked', look: 3, at: 0, document: laterReport('database-cpu', breached, 60_000) });
    const after = watchPicture(memory, screen).join('\n');
    expect(after).not.toContain('*');
    expect(after).toContain('was ok (41.2 %) until 11:03 UTC');
  });

  it('forgets of what is well again what it was, after a quarter of an hour', () => {
    const memory = watched(statusReport(), laterReport('api-latency-p99', { status: 'ok' }));
    expect(watchPicture(memory, screen).join('\n')).toContain('was breach (4.14 s) until 11:03 UTC');
    const later = laterReport('api-latency-p99', { status: 'ok' }, 16 * 60_000);
    memory.take({ type: 'looked', look: 3, at: 0, document: later });
    expect(watchPicture(memory, screen).join('\n')).not.toContain('was breach');
  });

  it('keeps the last picture when a look fails, and says since when and why before anything else', () => {
    const memory = watched(statusReport());
    memory.take(missed);
    const lines = watchPicture(memory, screen);
    expect(lines.slice(0, 3)).toEqual([
      '? Stale: nothing seen since 11:03:30 UTC (1 look failed): the credentials have',
      '  expired',
      '  next  aws sso login',
    ]);
    expect(lines.join('\n')).toContain('Latency p99           4.14 s');
  });

  it('says so where nothing was seen yet', () => {
    const memory = new WatchMemory();
    memory.take({ type: 'looking', look: 1, at: 0 });
    expect(watchPicture(memory, screen)).toContain('The first look is under way.');
    memory.take(missed);
    expect(watchPicture(memory, screen)[0]).toContain('? Nothing seen yet (1 look failed): the credentials have');
  });

  it.each([1, 3, 8, 14, 18, 22, 26, 30, 50])('fits a screen of %i lines', (rows) => {
    for (const columns of [20, 60, 80, 140]) {
      const lines = watchPicture(watched(calm, statusReport()), { ...screen, rows, columns });
      expect(lines.length).toBeLessThanOrEqual(rows);
    }
  });

  it.each([8, 14, 18, 22, 26, 30, 50])('tells on a screen of %i lines what is wrong', (rows) => {
    for (const columns of [60, 80, 140]) {
      const lines = watchPicture(watched(calm, statusReport()), { ...screen, rows, columns });
      expect(lines.join('\n')).toMatch(/1 beyond the alert threshold/);
    }
  });

  it('on a low screen drops first what lies between, then the explanations, then rows that are well', () => {
    const at = (rows: number): string => watchPicture(watched(calm), { ...screen, rows }).join('\n');
    expect(at(50)).toContain('\n\nDatabase');
    expect(at(16)).toContain('\nDatabase');
    expect(at(16)).toMatch(/✓ CPU +41/);
    expect(at(12)).toContain('  ✓ CPU, Query latency p95');
    expect(at(5)).toMatch(/… \d+ lines more: make the window higher/);
  });
});

describe('the lines of a watch', () => {
  const told = (memory: WatchMemory, isQuiet = false): readonly string[] => {
    const document = laterReport('database-cpu', { status: 'breach', nextStep: 'nanoops diagnose latency' });
    const event = { type: 'looked', look: 2, at: reportedAt + 30_000, document, nextAt: reportedAt + 60_000 } as const;
    memory.take(event);
    return watchLines(event, memory, { color: false, isQuiet, timeZone: 'UTC' });
  };

  it('are one for each change and one for the look', () => {
    expect(told(watched(statusReport()))).toEqual([
      '2026-11-23 11:04:00 UTC  ✗ database: CPU is breach: 41.2 % (target <70 %, alert >80 %); was ok (41.2 %) until 11:03 UTC; next: nanoops diagnose latency',
      '2026-11-23 11:04:00 UTC  ! look 2: 2 breaches, 1 warning, 1 unknown, 2 ok, 1 not configured; data until 11:01 UTC; next look 11:04:30 UTC',
    ]);
  });

  it('with -q are the changes alone', () => {
    expect(told(watched(statusReport()), true)).toHaveLength(1);
    expect(told(watched(laterReport('database-cpu', { status: 'breach' })), true)).toEqual([]);
  });

  it('say of a failed look why, and of when the last picture is', () => {
    const memory = watched(statusReport());
    memory.take(missed);
    expect(watchLines(missed, memory, { color: false, isQuiet: true, timeZone: 'UTC' })).toEqual([
      '2026-11-23 11:04:00 UTC  ? look 2 failed: the credentials have expired; the last picture is of 2026-11-23 11:03:30 UTC; next: aws sso login',
    ]);
  });
});
