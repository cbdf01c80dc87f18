/** What an error says of itself, whoever threw it. */
import { describe, expect, it } from 'vitest';
import {
  classOf,
  DeadlineError,
  errorClasses,
  Halted,
  Interrupted,
  leavesOpen,
  nextStepOf,
} from '../../src/engine/errors.ts';

const nothings = [undefined, null, 'a text', 5, {}, new Error('no')];

describe('the class of an error', () => {
  it.each(errorClasses)('is the one that it claims: %s', (errorClass) => {
    expect(classOf({ errorClass })).toBe(errorClass);
  });

  it.each([...nothings, { errorClass: 'made-up' }, { errorClass: undefined }])('is a defect otherwise: %j', (error) => {
    expect(classOf(error)).toBe('defect');
  });

  it('leaves open whether a change was made where no answer came, or none that can be read', () => {
    expect(errorClasses.filter(leavesOpen)).toEqual(['unreachable', 'service-fault', 'deadline']);
  });

  it.each([
    ['DeadlineError', 'deadline', () => new DeadlineError('late')],
    ['Halted', 'rejected', () => new Halted('stop')],
    ['Interrupted', 'defect', () => new Interrupted('stop')],
  ] as const)('is that of the engine\u2019s own errors: %s', (name, errorClass, make) => {
    const error = make();
    expect([error.name, classOf(error)]).toEqual([name, errorClass]);
  });
});

describe('what an error says to do next', () => {
  it('is what its details say', () => {
    expect(nextStepOf({ details: { nextStep: 'log in' } })).toBe('log in');
  });

  it.each([...nothings, ...nothings.map((details) => ({ details })), { details: { nextStep: 5 } }])(
    'is nothing where they do not: %j',
    (error) => {
      expect(nextStepOf(error)).toBeUndefined();
    },
  );
});
