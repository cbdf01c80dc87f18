/**
 * What judges mutants of the engine and the guard: the tests of both that take milliseconds. Left out are those that let a
 * process die everywhere, which would catch more and take seconds for each mutant, and those of the store that others use.
 */
export const tests = [
  'test/engine/**/*.test.ts',
  'test/aws/guard.test.ts',
  '!test/engine/acting/{survival,memory-state}.test.ts',
];
