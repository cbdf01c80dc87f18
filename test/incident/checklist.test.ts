/** The process of an incident: what is due by when, what is late and by how much. */
import { describe, expect, it } from 'vitest';
import { checklistOf } from '../../src/incident/checklist.ts';
import { standingOf } from '../../src/incident/standing.ts';
import { incidentWith, minute, runWith, start } from './made-up.ts';

const at = (minutes: number): number => start + minutes * minute;

/** `acknowledge done`, `mitigate overdue 3`: with the minutes that it is late. */
function told(...asked: Parameters<typeof checklistOf>): readonly string[] {
  return checklistOf(...asked).map(({ id, status, lateMs }) =>
    [id, status, ...(lateMs === undefined ? [] : [String(lateMs / minute)])].join(' '),
  );
}

describe('what is due', () => {
  it('is all there is to come, at first', () => {
    expect(told(incidentWith([]), at(1), {})).toEqual([
      'acknowledge due',
      'tell due',
      'diagnose due',
      'impact due',
      'update-5 due',
      'mitigate due',
      'resolve due',
    ]);
  });

  it('is overdue by what has passed since', () => {
    const list = told(incidentWith([[1, { type: 'incident.acknowledged' }]]), at(7), {});
    expect(list).toEqual([
      'acknowledge done',
      'tell overdue 5',
      'diagnose overdue 2',
      'impact overdue 2',
      'update-5 overdue 2',
      'update-15 due',
      'mitigate due',
      'resolve due',
    ]);
  });

  it('says of what was done late how late it was', () => {
    const list = told(incidentWith([[6, { type: 'incident.acknowledged' }]]), at(6), {});
    expect(list).toContain('acknowledge done 4');
  });

  it('at the very minute is in time', () => {
    expect(told(incidentWith([]), at(2), {})).toContain('acknowledge due');
    expect(told(incidentWith([]), at(2) + 1, {})[0]).toMatch(/^acknowledge overdue/);
  });
});

describe('status updates', () => {
  const update = { type: 'incident.updated', text: 'we look' } as const;
  const updates = (list: readonly string[]): readonly string[] => list.filter((line) => line.startsWith('update-'));

  it('are due after 5, 15 and 30 minutes, then every quarter of an hour', () => {
    const given = [4, 14, 29, 44, 59].map((minutes) => [minutes, update] as const);
    expect(updates(told(incidentWith(given), at(62), {}))).toEqual([
      'update-5 done',
      'update-15 done',
      'update-30 done',
      'update-45 done',
      'update-60 done',
      'update-75 due',
    ]);
  });

  it('count once each: a late one is not the next one', () => {
    expect(updates(told(incidentWith([[7, update]]), at(10), {}))).toEqual(['update-5 done 2', 'update-15 due']);
    expect(updates(told(incidentWith([[7, update]]), at(16), {}))).toEqual([
      'update-5 done 2',
      'update-15 overdue 1',
      'update-30 due',
    ]);
  });

  it('that nobody gave are missed once the next is due, and the newest of those are listed', () => {
    expect(updates(told(incidentWith([]), at(15), {}))).toEqual(['update-5 missed 10', 'update-15 due']);
    const days = updates(told(incidentWith([]), at(3 * 24 * 60 + 1), {}));
    expect(days.filter((line) => line.includes('missed'))).toHaveLength(3);
    expect(days).toHaveLength(5);
  });

  it('are not asked for when it is over, and the last words count', () => {
    const resolved = { type: 'incident.resolved', text: 'rolled back' } as const;
    expect(updates(told(incidentWith([[4, resolved]]), at(60), {}))).toEqual([]);
    expect(updates(told(incidentWith([[9, resolved]]), at(60), {}))).toEqual(['update-5 done 4']);
  });
});

describe('runs', () => {
  it('that name a cause and are seen to help have diagnosed and mitigated it', () => {
    const { checklist, times } = standingOf(incidentWith([]), [runWith()], at(10));
    const done = checklist.filter(({ status }) => status === 'done').map(({ id }) => id);
    expect(done).toEqual(['diagnose', 'mitigate']);
    expect(times).toMatchObject({ diagnoseMs: 2 * minute, mitigateMs: 9 * minute, acknowledgeMs: undefined });
  });

  it('that helped nothing, or only rehearsed, have not', () => {
    const runs = [runWith({ helped: false }), runWith({ runId: '20261126T221600Z-latency-aaaaaa', mode: 'dry-run' })];
    expect(standingOf(incidentWith([]), runs, at(10)).times.mitigateMs).toBeUndefined();
  });

  it('before it was reopened have not mitigated it since', () => {
    const again = incidentWith([
      [10, { type: 'incident.resolved' }],
      [20, { type: 'incident.reopened', reason: 'p99 is at 4 s again' }],
    ]);
    const { times, incident } = standingOf(again, [runWith()], at(30));
    expect(incident.state).toBe('open');
    expect(times).toMatchObject({ mitigateMs: undefined, resolveMs: undefined });
  });

  it('name a hypothesis; who names a cause comes before them', () => {
    expect(standingOf(incidentWith([]), [runWith()], at(10)).cause).toMatchObject({
      summary: 'slow since nano-api:61',
      confirmed: false,
    });
    const named = incidentWith([[5, { type: 'cause.named', summary: 'the pool', confirmed: true, basis: 'ben' }]]);
    expect(standingOf(named, [runWith()], at(10)).cause).toMatchObject({ summary: 'the pool', confirmed: true });
  });
});

it('after the end a post-mortem is due within a day, and action items with owners', () => {
  const over = [[50, { type: 'incident.resolved' }]] as const;
  const list = told(incidentWith(over), at(50 + 25 * 60), {});
  expect(list.slice(-2)).toEqual(['postmortem overdue 60', 'actions overdue 60']);
  const owned = incidentWith([
    ...over,
    [60, { type: 'action.added', action: { text: 'test it', owner: 'ben' } }],
    [70, { type: 'postmortem.written', path: 'pm.md' }],
  ]);
  expect(told(owned, at(100), {}).slice(-2)).toEqual(['postmortem done', 'actions done']);
});
