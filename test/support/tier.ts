/**
 * How much is tried: `NANOOPS_TESTS=all` (`npm run test:all`, by hand or at night) tries everything, and everybody else
 * some of it, so that nobody waits longer than they would.
 */
const isAll = process.env['NANOOPS_TESTS'] === 'all';

/** For tests that take long and say little more than others do: `test.runIf(isPatient)`. */
export const isPatient = isAll;

/** What is tried when there is time for everything, and what is tried else. */
export function inTier<T>({ all, some }: { readonly all: T; readonly some: T }): T {
  return isAll ? all : some;
}
