/**
 * Takes secrets out of what programs print, since that goes into journals and reports. A secret is what the
 * configuration says is kept in the environment, a variable whose name says so, and the password in a variable's URL.
 */
import type { Config } from '../config/schema.ts';

/** The text with `***` in place of every secret. */
export type Mask = (text: string) => string;

/** Shorter values are words such as `true`, which stand in any text. */
const shortestMasked = 6;

const secretNames = /SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|(?:^|_)(?:PASS|API_?KEY|KEY)(?:_|$)|\w_PWD$/i;

export function maskOf(config: Config, env: Readonly<Record<string, string | undefined>>): Mask {
  const named = new Set(variablesIn(config));
  const secrets = new Set(
    Object.entries(env).flatMap(([name, value = '']) => [
      ...(named.has(name) || secretNames.test(name) ? [value, ...value.split(/\r?\n/)] : []),
      ...(/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s:]*:([^/?#\s]+)@/i.exec(value)?.slice(1) ?? []),
    ]),
  );
  const longestFirst = [...secrets]
    .map((secret) => secret.trim())
    .filter((secret) => secret.length >= shortestMasked)
    .toSorted((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}

/** The environment variables that the configuration refers to as secrets. */
function variablesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('reference' in value && 'store' in value && 'name' in value) {
    return value.store === 'env' && typeof value.name === 'string' ? [value.name] : [];
  }
  return Object.values(value).flatMap(variablesIn);
}
