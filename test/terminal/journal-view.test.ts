import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventBody, RunEvent } from '../../src/engine/events.ts';
import { historyOf } from '../../src/engine/history.ts';
import { journalView, type JournalViewOptions } from '../../src/terminal/journal-view.ts';
import { widthOf } from '../../src/terminal/text.ts';
import { actingRuns, failOver, runId, startedAt } from './acting.ts';
import { nasty } from './nasty.ts';

const look = { columns: 120, color: false, timeZone: 'Europe/Berlin', who: 'ana@laptop' };

function show(events: readonly RunEvent[], options: Partial<JournalViewOptions> = {}): string {
  return journalView(historyOf(events), events, { ...look, ...options });
}

/** A run of which each of these steps was carried out by a process of its own. */
function stepwise(...ids: readonly string[]): readonly RunEvent[] {
  const [begun] = actingRuns.fixed.events;
  if (begun?.type !== 'run.started') throw new Error('a run begins with its start');
  const bodies: readonly EventBody[] = [
    { ...begun, isStepwise: true },
    ...ids.flatMap((stepId, index): EventBody[] => {
      const lease = { resource: 'ecs:us-west-2:nano/nano-api', token: index + 1 };
      const ended = { status: 'succeeded', detail: 'so it is', startedAt, durationMs: 240, attempts: 1 } as const;
      return [
        { type: 'run.resumed', by: 'ana@laptop', purpose: 'step', differences: [] },
        { type: 'lease.acquired', ...lease },
        { type: 'step.started', stepId },
        { type: 'step.finished', stepId, ...ended },
        { type: 'lease.released', ...lease },
      ];
    }),
  ];
  return bodies.map((body, index) => ({ ...body, seq: index + 1, at: startedAt + index * 1_000 }));
}

const names = Object.keys(actingRuns) as (keyof typeof actingRuns)[];

describe.each(names)('the journal of a run that ends "%s"', (name) => {
  const { events } = actingRuns[name];

  it.each([60, 120])('reads well at %d columns', async (columns) => {
    await expect(`${show(events, { columns })}\n`).toMatchFileSnapshot(`golden/journal-${name}-${columns}.txt`);
  });

  it('says by colour nothing that it does not say without', () => {
    const colored = show(events, { color: true });
    expect(colored).not.toBe(show(events));
    expect(stripVTControlCharacters(colored)).toBe(show(events));
  });

  it.each([40, 60, 79, 80, 120, 200])('keeps within %d columns, but for commands', (columns) => {
    const lines = show(events, { columns }).split('\n');
    expect(lines.filter((line) => widthOf(line) > columns && !/^ {2}nanoops /.test(line))).toEqual([]);
  });
});

describe('the journal of a run', () => {
  it('says what can be typed next, by how the run stands', () => {
    expect(show(actingRuns.fixed.events)).toContain(`nanoops runs report ${runId}`);
    expect(show(actingRuns.fixed.events)).not.toContain('nanoops runs resume');
    expect(show(actingRuns.awaiting.events)).toContain('--approve approve@3f9a0c2b1d4e');
    const died = show(actingRuns.fixed.events.slice(0, 12));
    expect(died).toContain('it still runs, or its process has died');
    expect(died).toContain(`nanoops runs resume ${runId}`);
    expect(died).toContain('nanoops locks list');
  });

  it('tells a change that was begun and never answered as unknown', () => {
    const events = actingRuns.fixed.events;
    const begun = events.findIndex((each) => each.type === 'change.intended' && each.stepId === 'scale-out');
    const text = show(events.slice(0, begun + 1));
    expect(text).toContain('Not known whether it was changed (1)\n? ecs:UpdateService nano/nano-api in us-west-2');
    expect(text).toMatch(
      /\d\d:\d\d:\d\d CET {2}· about to be sent: ecs:UpdateService nano\/nano-api in us-west-2: desired 6 → 7/,
    );
  });

  it('tells each change with its time, to the second and with the zone', () => {
    expect(show(actingRuns.fixed.events)).toContain(
      '11:40:11 CET  → application-autoscaling:RegisterScalableTarget nano/nano-api in us-west-2: minimum 2 → 7',
    );
    expect(show(actingRuns.fixed.events, { timeZone: 'Asia/Kolkata' })).toContain('16:10:11 GMT+5:30  →');
  });

  it('tells who agreed and how, and who went on', () => {
    const text = show(actingRuns.resumed.events);
    expect(text).toContain('Consent to more tasks: yes, by ana at the prompt');
    expect(text).toContain('Resumed, by ben@bastion');
    expect(text).toContain('resumed once');
  });

  it('that is carried out step by step says which comes next, and tells leases of every step in one line', () => {
    const told = stepwise('service-state', 'plan');
    const text = show(told);
    expect(text).toContain('verdict   none yet: its steps are carried out one by one, and "approve" comes next');
    expect(text).toMatch(
      /Leases\n\S+ CET {2}· held ecs:us-west-2:nano\/nano-api while .* 2 times until 11:40 CET \(tokens 1 to 2\)\n\n/,
    );
    expect(text.split('\n').slice(-3)).toEqual([
      'Next',
      `  nanoops runs step ${runId} approve`,
      `  nanoops runs abort ${runId}`,
    ]);
    const once = show(stepwise('service-state'));
    expect(once).toContain('holds ecs:us-west-2:nano/nano-api (token 1)');
    expect(once).toContain('gave ecs:us-west-2:nano/nano-api back (token 1)');
    // The third one died: what it holds stands by itself.
    const died = show(stepwise('service-state', 'plan', 'approve').slice(0, -2));
    expect(died).toContain('verdict   none: it still runs, or its process has died');
    expect(died).toMatch(/2 times until .*\(tokens 1 to 2\)\n.*· holds ecs:us-west-2:nano\/nano-api \(token 3\)\n/);
    expect(died).toContain(`Next\n  nanoops locks list\n  nanoops runs step ${runId} approve\n`);
  });

  it('lets no text of it reach the terminal as a command', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const change = {
          ...failOver,
          operation: text,
          resource: text,
          region: text,
          summary: text,
          before: { a: text },
        };
        const bodies = [
          { ...actingRuns.fixed.events[0], title: text, environment: text, runId: text, runbook: text },
          { type: 'change.intended', stepId: 'scale-out', direction: 'apply', change, hash: text, tokens: {} },
          { type: 'change.answered', stepId: 'scale-out', direction: 'apply', outcome: 'unknown', reason: text },
          { type: 'approval.declined', stepId: text, hash: text, by: text },
          { type: 'lease.refused', resource: text, holder: text },
          { type: 'run.suspended', verdict: 'locked', reason: text, nextSteps: [text], durationMs: 1 },
        ];
        // Events that are right but for what their texts are.
        const events = bodies.map((body, index) => ({ ...body, seq: index + 1, at: 0 })) as readonly RunEvent[];
        expect(show(events, { who: text }).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
