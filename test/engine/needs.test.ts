/** What becomes of a step whose needs were not met: skipped, blocked, or able to go on without. */
import { describe, expect, test } from 'vitest';
import { settled, type Settled } from '../../src/engine/step.ts';
import { decide, eventsOf, observe, play, recordOf, runbookOf, takes, Trouble, type AStep } from './kit.ts';

const fails = (id: string, error: Error): AStep =>
  observe(id, { title: id, run: () => Promise.reject(error), detail: () => '' });

const isSkipped = (id: string): AStep =>
  observe(id, { title: id, skip: () => `${id} is not configured`, run: () => Promise.resolve(1), detail: String });

const after = (id: string, needs: Record<string, AStep>): AStep =>
  observe(id, { title: id, needs, run: () => Promise.resolve(1), detail: () => 'ran' });

describe('a required need that could not be met', () => {
  test('blocks the step, with the first reason, through every step behind it', async () => {
    const denied = fails('denied', new Trouble('denied', 'rds:DescribeDBClusters is not allowed'));
    const second = after('second', { denied });
    const third = after('third', { second });
    const played = await play(runbookOf(denied, second, third));
    expect(recordOf(played, 'denied')).toMatchObject({ status: 'unknown', errorClass: 'denied', attempts: 1 });
    expect(recordOf(played, 'second')).toMatchObject({
      status: 'blocked',
      detail: 'needs "denied": rds:DescribeDBClusters is not allowed',
      errorClass: 'denied',
      attempts: 0,
      durationMs: 0,
    });
    expect(recordOf(played, 'third')).toMatchObject({
      status: 'blocked',
      detail: 'needs "denied": rds:DescribeDBClusters is not allowed',
    });
    expect(eventsOf(played, 'step.started').map((event) => event.stepId)).toEqual(['denied', 'end']);
  });

  test('leaves steps that do not need it alone', async () => {
    const denied = fails('denied', new Trouble('denied'));
    const played = await play(runbookOf(denied, after('blocked', { denied }), takes('other', 50)));
    expect(recordOf(played, 'other').status).toBe('succeeded');
    expect(played.result.verdict).toBe('ok');
  });
});

describe('a step that concludes that nothing can be told', () => {
  const unsure = decide('unsure', {
    title: 'unsure',
    run: () => ({ state: 'unknown' }),
    detail: ({ state }) => `state: ${state}`,
    isUnknown: ({ state }) => state === 'unknown',
  });

  test('is no success, and hands its conclusion on all the same', async () => {
    const next = decide('next', {
      title: 'next',
      needs: { unsure },
      run: (needs) => needs.unsure.state,
      detail: String,
    });
    const played = await play(runbookOf(unsure, next));
    expect(recordOf(played, 'unsure')).toMatchObject({ status: 'unknown', detail: 'state: unknown', attempts: 1 });
    expect(recordOf(played, 'unsure')).not.toHaveProperty('errorClass');
    expect(recordOf(played, 'next')).toMatchObject({ status: 'succeeded', detail: 'unknown' });
  });

  test('is a success where it can be told', async () => {
    const sure = decide('sure', { title: '', run: () => 1, detail: String, isUnknown: (output) => output === 0 });
    expect(recordOf(await play(runbookOf(sure)), 'sure').status).toBe('succeeded');
  });
});

describe('what an error says to do next', () => {
  const failing = (details: unknown) => fails('fails', Object.assign(new Trouble('credentials'), { details }));

  test('is told with the step that failed, and to what needs it', async () => {
    const expired = failing({ nextStep: 'aws sso login' });
    let heard: Settled<unknown> | undefined;
    const waits = after('waits', { expired });
    const hears = decide('hears', {
      title: '',
      needs: { waits: settled(waits) },
      run: (needs) => {
        heard = needs.waits;
      },
      detail: () => '',
    });
    const played = await play(runbookOf(expired, waits, hears));
    expect(recordOf(played, 'fails')).toMatchObject({ status: 'unknown', nextStep: 'aws sso login' });
    expect(recordOf(played, 'waits')).not.toHaveProperty('nextStep');
    expect(heard).toMatchObject({ known: false, errorClass: 'credentials', nextStep: 'aws sso login' });
  });

  test.each([undefined, null, 'text', {}, { nextStep: 5 }])('is nothing where its details are %j', async (details) => {
    expect(recordOf(await play(runbookOf(failing(details))), 'fails')).not.toHaveProperty('nextStep');
  });
});

describe('a step with nothing to look at', () => {
  test('is skipped, says why, and takes along what needs it', async () => {
    const cache = isSkipped('cache');
    const played = await play(runbookOf(cache, after('hit-rate', { cache })));
    expect(recordOf(played, 'cache')).toMatchObject({ status: 'skipped', detail: 'cache is not configured' });
    expect(recordOf(played, 'hit-rate')).toMatchObject({
      status: 'skipped',
      detail: 'needs "cache": cache is not configured',
      attempts: 0,
    });
  });

  test('does not even run its body', async () => {
    let ran = false;
    const step = observe('cache', {
      title: '',
      skip: () => 'not configured',
      run: () => {
        ran = true;
        return Promise.resolve(1);
      },
      detail: String,
    });
    await play(runbookOf(step));
    expect(ran).toBe(false);
  });

  test.each([
    ['skipped first', (cache: AStep, denied: AStep) => ({ cache, denied })],
    ['unknown first', (cache: AStep, denied: AStep) => ({ denied, cache })],
  ])('does not hide that another need is unknown (%s)', async (_order, needs) => {
    const cache = isSkipped('cache');
    const denied = fails('denied', new Trouble('denied', 'not allowed'));
    const played = await play(runbookOf(cache, denied, after('both', needs(cache, denied))));
    expect(recordOf(played, 'both')).toMatchObject({ status: 'blocked', detail: 'needs "denied": not allowed' });
  });
});

describe('an optional need', () => {
  const seen = async (need: AStep): Promise<Settled<unknown>> => {
    let got: Settled<unknown> | undefined;
    const step = decide('step', {
      title: '',
      needs: { need: settled(need) },
      run: (needs) => {
        got = needs.need;
        return 1;
      },
      detail: String,
    });
    const played = await play(runbookOf(need, step));
    expect(recordOf(played, 'step').status).toBe('succeeded');
    if (got === undefined) throw new Error('the step did not run');
    return got;
  };

  test('gives its value where there is one', async () => {
    expect(await seen(takes('fine', 5))).toEqual({ known: true, value: 'fine' });
  });

  test('tells what was skipped from what is unknown', async () => {
    expect(await seen(isSkipped('cache'))).toEqual({
      known: false,
      because: 'skipped',
      reason: 'cache is not configured',
    });
    expect(await seen(fails('denied', new Trouble('denied', 'not allowed')))).toEqual({
      known: false,
      because: 'unknown',
      reason: 'not allowed',
      errorClass: 'denied',
    });
  });

  test('is waited for like any other', async () => {
    const slow = takes('slow', 400);
    const step = observe('step', {
      title: '',
      needs: { slow: settled(slow) },
      run: () => Promise.resolve(1),
      detail: String,
    });
    const played = await play(runbookOf(slow, step));
    expect(recordOf(played, 'step').startedAt - recordOf(played, 'slow').startedAt).toBe(400);
  });
});
