/** The scripted outside is as strict as it says: otherwise tests that use it would prove less than they seem to. */
import { expect, test } from 'vitest';
import { answered, failed, hangs, printed, RecordingOutside } from './recording-outside.ts';

const never = new AbortController().signal;
const target = { region: 'us-east-1', cluster: 'nano' };

test('answers in order, and says what it was asked', async () => {
  const { outside, hooks, ...recording } = recorded({
    probe: [answered(503), answered(200)],
    newestHeartbeat: { always: ({ region }) => ({ at: region === 'us-east-1' ? 1 : 2, detail: region }) },
    consistency: [printed('12 rows\nsum 9\n')],
    hook: [failed('exit code 1')],
  });
  expect((await outside.probe(never)).ok).toBe(false);
  expect((await outside.probe(never)).ok).toBe(true);
  expect(await outside.newestHeartbeat(target, never)).toEqual({ at: 1, detail: 'us-east-1' });
  expect(await outside.newestHeartbeat({ region: 'us-west-2' }, never)).toEqual({ at: 2, detail: 'us-west-2' });
  expect((await outside.consistency(0, target, undefined, never)).detail).toBe('sum 9');
  expect((await hooks.run('warm-cache', target)).ok).toBe(false);
  recording.it.verify();
  expect(recording.it.askedOf('newestHeartbeat')).toEqual([[target], [{ region: 'us-west-2' }]]);
  expect(recording.it.questions.at(-1)).toEqual({ method: 'hook', asked: ['warm-cache', target] });
});

test('fails on what nobody expected, at once and in the end', async () => {
  const { outside, it } = recorded({ probe: [answered(200)] });
  await outside.probe(never);
  await expect(outside.probe(never)).rejects.toThrow('probe(): nobody expected that');
  await expect(outside.resolve('api.nano.example', never)).rejects.toThrow('resolve("api.nano.example")');
  expect(() => it.verify()).toThrow(
    'probe(): nobody expected that\n  resolve("api.nano.example"): nobody expected that',
  );
});

test('fails in the end on what was not asked', () => {
  const { it } = recorded({ writeAndRead: [printed('a'), printed('b')], resolve: { always: [] } });
  expect(() => it.verify()).toThrow(
    'writeAndRead: an answer that nobody asked for\n  writeAndRead: an answer that nobody asked for\n  resolve: was to be asked, and never was',
  );
});

test('may hang until the signal aborts, and answers nobody who was told to end', async () => {
  const controller = new AbortController();
  const { outside, it } = recorded({ probe: [hangs] });
  const asking = outside.probe(controller.signal);
  controller.abort('the reason');
  await expect(asking).rejects.toBe('the reason');
  await expect(outside.probe(controller.signal)).rejects.toBe('the reason');
  it.verify();
});

function recorded(script: ConstructorParameters<typeof RecordingOutside>[0]) {
  const it = new RecordingOutside(script);
  return { it, outside: it.outside, hooks: it.hooks };
}
