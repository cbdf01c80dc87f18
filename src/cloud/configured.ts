/** What the configuration does not name is not looked at, and whoever skips it says why. */

/** The reason to skip a step whose part of the stack the configuration does not name. */
export function unlessConfigured(value: unknown, key: string): string | undefined {
  return value === undefined ? `${key} is not configured` : undefined;
}

/** A part that `unlessConfigured` has let through. */
export function part<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a step ran although its part of the stack is not configured');
  return value;
}
