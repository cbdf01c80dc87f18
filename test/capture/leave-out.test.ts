/** What a person takes out of a capture is gone, and the rest is a capture as before. */
import { describe, expect, test } from 'vitest';
import { answersDigest, parseCapture, type Capture } from '../../src/capture/capture.ts';
import { leaveOut } from '../../src/capture/leave-out.ts';

const capture = (value: unknown): Capture => {
  const answers = [{ fact: 'errorLines', asked: [{ cluster: 'ada-cluster' }], tookMs: 1, value }];
  return {
    ...{ schema: 'nanoops/capture@1', nanoops: '0.1.0', runbook: 'latency', at: 1 },
    ...{ config: { service: 'shop', compute: { cluster: 'ada-cluster' } }, digest: answersDigest(answers), answers },
  };
};
const leftOf = (value: unknown, ...texts: readonly string[]) => leaveOut(capture(value), texts).answers[0]?.value;

describe('a text is taken out', () => {
  test.each([
    ['Ada called', ['Ada'], 'left-out-1 called'],
    ['for ADA, ada: Adapter _ada_', ['ada'], 'for left-out-1, left-out-1: Adapter _ada_'],
    ['Ada Lovelace and Ada', ['Ada', 'Ada Lovelace'], 'left-out-2 and left-out-1'],
    ['call +49 (30) 12 now', ['+49 (30) 12'], 'call left-out-1 now'],
    ['Zoë. Zoëy', ['zoë'], 'left-out-1. Zoëy'],
    [[{ line: ['by Ada'] }], ['Ada'], [{ line: ['by left-out-1'] }]],
    ['{"message":"Ada said \\"x\\"","n":1}', ['Ada said "x"'], '{"message":"left-out-1","n":1}'],
    ['a.b and acb', ['a.b'], 'left-out-1 and acb'],
  ])('of %j without %j', (value, texts, left) => {
    expect(leftOf(value, ...texts)).toEqual(left);
  });

  test('of questions and of the configuration, alike, and the capture can be read again', () => {
    const left = leaveOut(capture('x'), ['ada-cluster']);
    expect(left.config).toEqual({ service: 'shop', compute: { cluster: 'left-out-1' } });
    expect(left.answers[0]?.asked).toEqual([{ cluster: 'left-out-1' }]);
    expect(parseCapture(JSON.stringify(left), 'it')).toEqual(left);
  });

  test('nothing, where none is named', () => {
    expect(leaveOut(capture('x'), [])).toEqual(capture('x'));
  });
});

test.each([
  ['a text that is none', 'x', ' - ', /no letter/],
  ['the name of a field', { ada: 1, text: 'ada' }, 'ada', /field/],
  ['the name of a field of a structured line', '{"ada":"ada"}', 'ada', /field/],
  ['a number', { id: 4711, text: 'id 4711' }, '4711', /number/],
  ['what is not there', 'Adapter', 'adapt', /nowhere/],
])('cannot be left out: %s', (_what, value, text, message) => {
  expect(() => leftOf(value, text)).toThrow(message);
});
