/** From a reference in the configuration to the secret itself. Shows references, never values. Contacts no store itself. */
import type { SecretRef } from '../config/secrets.ts';
import { NanoopsError } from '../errors.ts';

/** A reference to what is not in the environment. */
export type StoredSecretRef = SecretRef & { readonly store: 'ssm' | 'secretsmanager' };

export interface SecretSources {
  /** The process's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads `ssm` and `secretsmanager` references; its errors are passed on. */
  readonly fromStore: (ref: StoredSecretRef) => Promise<string>;
}

/**
 * The secret, exactly as it is kept.
 *
 * @throws NanoopsError `SecretMissing` where the variable is not set, or there is nothing in it or in the store.
 */
export async function resolveSecretRef(ref: SecretRef, { env, fromStore }: SecretSources): Promise<string> {
  const { store, name } = ref;
  if (store !== 'env') {
    const value = await fromStore({ ...ref, store });
    if (isThere(value)) return value;
    throw missing(ref, 'what is kept there is empty', `put the secret where ${ref.reference} points`);
  }
  const value = env[name];
  if (isThere(value)) return value;
  const fault = `the environment variable ${name} ${value === undefined ? 'is not set' : 'is empty'}`;
  throw missing(ref, fault, `set ${name} where nanoops is started`);
}

function isThere(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}

function missing({ reference }: SecretRef, fault: string, nextStep: string): NanoopsError {
  return new NanoopsError(`the configuration refers to the secret ${reference}, but ${fault}`, {
    code: 'SecretMissing',
    exitCode: 2,
    nextStep: `${nextStep}, or change the reference`,
  });
}
