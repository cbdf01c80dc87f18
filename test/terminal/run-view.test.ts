import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runView, type RunViewOptions } from '../../src/terminal/run-view.ts';
import { widthOf } from '../../src/terminal/text.ts';
import { hostile, recorder, runs, runWith, type FixtureRun } from './fixtures.ts';
import { nasty } from './nasty.ts';

interface Shown {
  readonly stdout: string;
  readonly stderr: string;
}

function show(
  run: FixtureRun,
  options: Partial<Omit<RunViewOptions, 'color'>> & { readonly color?: boolean } = {},
): Shown {
  const stdout = recorder();
  const stderr = recorder();
  const level = options.color === true ? 1 : 0;
  const view = runView({
    stdout,
    stderr,
    columns: 100,
    interactive: false,
    verbosity: 0,
    timeZone: 'Europe/Berlin',
    ...options,
    color: { stdout: level, stderr: level },
  });
  for (const event of run.events) view.event(event);
  view.finish(run.document);
  return { stdout: stdout.text(), stderr: stderr.text() };
}

const names = Object.keys(runs) as (keyof typeof runs)[];
const whole = ({ stdout, stderr }: Shown): string => `${stderr}${stdout}`;

describe.each(names)('a run that ends "%s"', (name) => {
  it.each([60, 120])('reads well at %d columns', async (columns) => {
    await expect(whole(show(runs[name], { columns }))).toMatchFileSnapshot(`golden/run-${name}-${columns}.txt`);
  });

  it('reads well in colour', async () => {
    const text = whole(show(runs[name], { columns: 120, color: true })).replaceAll('\u001b', '␛');
    await expect(text).toMatchFileSnapshot(`golden/run-${name}-120-color.txt`);
  });

  it.each([60, 120])('says by colour nothing that it does not say without, at %d columns', (columns) => {
    const colored = whole(show(runs[name], { columns, color: true }));
    expect(stripVTControlCharacters(colored)).toBe(whole(show(runs[name], { columns })));
  });

  it.each([40, 60, 79, 80, 100, 200])('keeps within %d columns, but for the command', (columns) => {
    const commands = runs[name].document.causes.map((cause) => cause.remediation?.command);
    const lines = whole(show(runs[name], { columns })).split('\n');
    const broken = lines.filter((line) => widthOf(line) > columns && !commands.includes(line.trim()));
    expect(broken).toEqual([]);
  });

  it('is one line with -q, and nothing else', () => {
    const { stdout, stderr } = show(runs[name], { verbosity: -1, columns: 40 });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^[^\n]+\n$/);
  });
});

describe('a run', () => {
  it('puts on stdout what is worth pasting, and nothing of the progress', () => {
    const { stdout, stderr } = show(runs.cause);
    expect(stdout).toMatch(/^! nano-db answers slowly/);
    expect(stdout).not.toContain('4 of 4 tasks run');
    expect(stderr).toContain('4 of 4 tasks run');
    expect(stderr).not.toContain('37 calls');
  });

  it('shows the command on a line of its own, whole, even on a narrow screen', () => {
    const { stdout } = show(runs.cause, { columns: 40 });
    expect(stdout.split('\n').map((line) => line.trim())).toContain(
      'aws logs tail /aws/rds/cluster/nano-db/slowquery --region us-west-2 --since 30m',
    );
  });

  it('tells the onset in local time, with the zone', () => {
    expect(show(runs.cause, { timeZone: 'Europe/Berlin' }).stdout).toContain('11:00 CET');
    expect(show(runs.cause, { timeZone: 'UTC' }).stdout).toContain('10:00 UTC');
    expect(show(runs.cause, { timeZone: 'Pacific/Auckland' }).stdout).toMatch(/since +23:00 GMT\+13/);
  });

  it('names the date of an onset on another day', () => {
    const run = runWith({
      verdict: 'attention',
      exitCode: 1,
      document: {
        symptom: { state: 'ongoing', onset: '2026-11-22T23:30:00.000Z', endedAt: null, summary: 'p99 high' },
      },
    });
    expect(show(run, { timeZone: 'UTC' }).stdout).toContain('2026-11-22 23:30 UTC');
  });

  it('leaves nothing out with -v', () => {
    const { stdout, stderr } = show(runs.cause, { verbosity: 1 });
    expect(stdout).toContain('connections 41 → 96');
    expect(stdout).toContain('[cloudwatch:GetMetricData us-west-2]');
    expect(stdout).not.toContain('more with -v');
    expect(stderr).toContain('would not help here');
    expect(stderr).toContain('AWS throttled the request');
  });

  it('counts what it leaves out without -v', () => {
    const { stdout, stderr } = show(runs.cause);
    expect(stdout).toContain('and 1 more with -v');
    expect(stderr).toContain('2 steps not needed: One task more, within the limits; Back to the version before');
  });

  it('tells a long step by its duration, and no other', () => {
    const { stderr } = show(runs.cause);
    expect(stderr).toMatch(/The slow query log .*2 attempts, 2\.3 s/);
    expect(stderr).not.toMatch(/412 ms$/m);
  });

  it('never says that all is well when something could not be looked at', () => {
    const { stdout } = show(runs.unknown);
    expect(stdout).toMatch(/^\? Could not tell/);
    expect(stdout).toContain('3 things');
    expect(stdout).toContain('xray:GetTraceSummaries');
  });

  it('tells what to do next, the first five and the rest with -v', () => {
    const nextSteps = ['one', 'two', 'three', 'four', 'five', 'six'].map((each) => `allow ${each}`);
    const run = runWith({ verdict: 'unknown', exitCode: 3, document: { causes: [], notes: [], nextSteps } });
    const { stdout } = show(run);
    expect(stdout).toContain('\n  next     allow one\n  next     allow two\n');
    expect(stdout).not.toContain('allow six');
    expect(stdout).toContain('  and 1 more with -v');
    expect(stdout).not.toContain('Note');
    expect(show(run, { verbosity: 1 }).stdout).toContain('  next     allow six');
  });

  it('says what did not run when it is interrupted', () => {
    const { stdout, stderr } = show(runs.interrupted);
    expect(stdout).toMatch(/^\? Interrupted: 8 of 17 steps had ended, nothing was changed/);
    expect(stderr).toContain('9 steps not run');
  });

  it('lists what was changed', () => {
    const mutation = {
      stepId: 'scale-out',
      operation: 'ecs:UpdateService',
      region: 'us-west-2',
      resource: 'nano/nano-api',
      status: 'applied',
    } as const;
    const { document } = runs.cause;
    const run = runWith({
      verdict: 'attention',
      exitCode: 1,
      document: { mutations: [mutation], api: { ...document.api, mutations: 1 } },
    });
    const { stdout } = show(run);
    expect(stdout).toContain('Stays changed (1)\n! ecs:UpdateService nano/nano-api in us-west-2\n');
    expect(stdout).toContain('37 calls, 1 change ');
  });

  it('lets no text of a run reach the terminal as a command', () => {
    fc.assert(
      fc.property(
        nasty,
        fc.boolean(),
        fc.constantFrom(-1 as const, 0 as const, 1 as const),
        (text, color, verbosity) => {
          const shown = whole(show(hostile(runs.cause, text), { color, verbosity }));
          // oxlint-disable-next-line no-control-regex -- the sequences that the view itself may write
          const own = color ? /\u001b\[(?:1|2|22|31|32|35|39)m|\n/g : /\n/g;
          expect(shown.replaceAll(own, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        },
      ),
      { numRuns: 150 },
    );
  });
});
