import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adviceLines, nextLines } from '../../src/terminal/advice.ts';
import { paletteOf } from '../../src/terminal/screen.ts';
import { plain, widthOf } from '../../src/terminal/text.ts';

const fence =
  'aws application-autoscaling register-scalable-target --region us-west-2 --resource-id service/nano/nano-api --suspended-state DynamicScalingInSuspended=true,DynamicScalingOutSuspended=true';

describe('a command', () => {
  it.each([
    'nanoops runs list',
    'nanoops config show dns',
    'nanoops runs resume 20261123T110300Z-latency-p2zb0t --approve approve-scale-out@35052fd8b41b --accept-loss 31s',
    'nanoops incident update "p99 falls; we go on: watching (closely)"',
    "nanoops locks takeover '123456789012/ecs:us-west-2:nano/nano-api' --yes",
    "nanoops status -c 'conf/my prod; eu.yaml' -e staging",
    String.raw`nanoops incident update 'it'\''s over; we go on' --yes`,
    'nanoops runbook run latency --fix',
    'aws logs create-log-group --log-group-name a && aws logs put-retention-policy --log-group-name a',
    fence,
  ])('stands on one line: %s', (command) => {
    expect(adviceLines(command, 20)).toEqual([command]);
  });

  it.each([
    ['quote', 'Correct it. Then run "nanoops config validate".', '"nanoops config validate".'],
    ['bracket', 'check the names and regions (nanoops config show)', '(nanoops config show)'],
    ['next clause', 'nanoops runs show 1-a; begin this one by another --id', 'nanoops runs show 1-a;'],
    ['what is told of it', 'nanoops config schema prints what it may hold', 'nanoops config schema'],
    ['what is told with an apostrophe', "nanoops runs list shows what's there", 'nanoops runs list'],
    [
      'what is told of its argument',
      'nanoops help own-runbooks tells how they are written',
      'nanoops help own-runbooks',
    ],
    [
      'end',
      'check them with: aws sts get-caller-identity --profile team',
      'aws sts get-caller-identity --profile team',
    ],
  ])('in prose ends with its %s', (_name, text, command) => {
    const lines = adviceLines(text, 12);
    expect(lines).toContain(command);
    expect(lines.filter((line) => widthOf(line) > 12)).toEqual([command]);
  });

  it('has what comes after it on the same line, where there is room', () => {
    expect(adviceLines('nanoops runs show 1-a; begin this one by another --id', 40)).toEqual([
      'nanoops runs show 1-a; begin this one by',
      'another --id',
    ]);
  });
});

it('a command that is longer than the room behind its label begins further left', () => {
  const look = { pad: ' '.repeat(20), room: 24, palette: paletteOf(false) };
  expect(nextLines('do this: nanoops runs list; then look', look)).toEqual([
    `${' '.repeat(20)}next  do this:`,
    `${' '.repeat(26)}nanoops runs list; then`,
    `${' '.repeat(26)}look`,
  ]);
  expect(nextLines(fence, look)).toEqual([`${' '.repeat(20)}next`, `    ${fence}`]);
});

it('breaks prose as any text', () => {
  expect(adviceLines('as nanoops.yaml says, ask the owner of nanoops', 12)).toEqual([
    'as',
    'nanoops.yaml',
    'says, ask',
    'the owner of',
    'nanoops',
  ]);
});

it('loses nothing but spaces', () => {
  const word = fc.oneof(
    fc.constantFrom('nanoops', 'aws', '"nanoops', '(aws', 'runs', 'list', '--yes', '"a', 'b"', 'c;', 'd)', 'ends'),
    fc.string({ unit: 'grapheme', maxLength: 12 }).map(plain),
  );
  const text = fc.array(word, { maxLength: 20 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 40 }), (given, width) => {
      expect(adviceLines(given, width).join('').replaceAll(' ', '')).toBe(given.replaceAll(' ', ''));
    }),
  );
});
