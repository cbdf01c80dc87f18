/**
 * References to secrets. A configuration names where a secret is kept and never holds it, so nothing that shows a
 * configuration can show a secret. Resolving a reference is not done here.
 */

export interface SecretRef {
  readonly store: 'env' | 'ssm' | 'secretsmanager';
  /** The variable, the parameter's name, or the secret's name or ARN. */
  readonly name: string;
  /** The key within a Secrets Manager secret that is a JSON object: what follows `#`. */
  readonly key?: string;
  /** As it is written in the file: `${env:DB_PASSWORD}`. Safe to show. */
  readonly reference: string;
}

export const secretPattern =
  /^\$\{(?:env:[A-Za-z_][A-Za-z0-9_]*|ssm:[A-Za-z0-9_.\-/:]+|secretsmanager:[A-Za-z0-9_+=.@!\-/:]+(?:#[A-Za-z0-9_.-]+)?)\}$/;

/** Reads a reference; undefined for anything else, which might be a secret and is therefore never shown. */
export function readSecretRef(text: string): SecretRef | undefined {
  if (!secretPattern.test(text)) return undefined;
  const inner = text.slice(2, -1);
  const colon = inner.indexOf(':');
  const store = inner.slice(0, colon);
  const [name = '', key] = inner.slice(colon + 1).split('#');
  if (store === 'env' || store === 'ssm') return { store, name, reference: text };
  return { store: 'secretsmanager', name, ...(key === undefined ? {} : { key }), reference: text };
}

export function isSecretRef(value: unknown): value is SecretRef {
  return typeof value === 'object' && value !== null && 'store' in value && 'reference' in value;
}

/** What is wrong with a text in a secret's place. Never quotes it. */
export function secretFault(input: unknown): string {
  const how = 'write where it is kept: "${env:NAME}", "${ssm:/path/name}" or "${secretsmanager:name#key}"';
  if (typeof input !== 'string') return `must be a reference to a secret; ${how}`;
  if (/^\$\w+$/.test(input)) return `shell variables are not expanded; ${how}`;
  if (input.startsWith('${')) return `is no reference that is known; ${how}`;
  return `is a secret written out: whoever reads the file or its history has it; change it, then ${how}`;
}
