/**
 * Reads secrets from where AWS keeps them: Systems Manager's Parameter Store and Secrets Manager. What a secret says is
 * in no message and no error. Knows nothing of what it is for.
 */
import { CloudError } from '../cloud/errors.ts';
import { createClients, type Clients } from './clients.ts';
import type { AwsOptions } from './options.ts';
import { createWiring, type Wiring } from './wiring.ts';

/** Where a secret is kept. */
export interface StoredSecret {
  readonly store: 'ssm' | 'secretsmanager';
  /** The parameter's or the secret's name, or its ARN. */
  readonly name: string;
  /** The member of a Secrets Manager secret that is a JSON object. */
  readonly key?: string;
}

export interface SecretOptions extends Omit<AwsOptions, 'mode'> {
  /** Where to ask, unless the name is an ARN, which says so itself. */
  readonly region: string;
}

/** The secret, exactly as it is kept. Rejects with a `CloudError`: `not-found` also for a member that is not there. */
export async function resolveSecret(secret: StoredSecret, { region, ...aws }: SecretOptions): Promise<string> {
  const wiring = createWiring({ ...aws, mode: 'read-only' });
  try {
    const clients = createClients(wiring, aws.roles);
    const where = secret.name.startsWith('arn:') ? (secret.name.split(':')[3] ?? region) : region;
    return await (secret.store === 'ssm'
      ? readParameter(wiring, clients, secret, where)
      : readSecret(wiring, clients, secret, where));
  } finally {
    wiring.close();
  }
}

type Call = Parameters<Wiring['failure']>[1];

/** A document that cannot be read is quoted by whoever could not read it, and holds the secret. */
async function withoutQuotes<T>(wiring: Wiring, call: Call, read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    const quotes = error instanceof CloudError ? error.kind === 'malformed-answer' : error instanceof SyntaxError;
    // Without what caused it, which quotes it as well.
    throw quotes ? wiring.failure('malformed-answer', call, '') : error;
  }
}

async function readParameter(wiring: Wiring, clients: Clients, { name }: StoredSecret, region: string) {
  const ssm = await clients.ssm(region);
  const call = { service: 'ssm', operation: 'GetParameter', region, resource: name };
  const answer = await withoutQuotes(wiring, call, ssm.getParameter({ Name: name, WithDecryption: true }));
  const value = answer.Parameter?.Value;
  if (value === undefined) throw wiring.failure('malformed-answer', call, 'the parameter has no value');
  return value;
}

async function readSecret(wiring: Wiring, clients: Clients, { name, key }: StoredSecret, region: string) {
  const secretsManager = await clients.secretsManager(region);
  const resource = key === undefined ? name : `${name}#${key}`;
  const call = { service: 'secretsmanager', operation: 'GetSecretValue', region, resource };
  const answer = await withoutQuotes(wiring, call, secretsManager.getSecretValue({ SecretId: name }));
  const { SecretString: value } = answer;
  if (value === undefined) {
    if (answer.SecretBinary === undefined) throw wiring.failure('malformed-answer', call, 'the secret has no value');
    throw wiring.failure('not-found', call, 'the secret is binary, not text');
  }
  if (key === undefined) return value;
  const document = objectIn(value);
  if (document === undefined) throw wiring.failure('not-found', call, 'the secret is not a JSON object');
  const member: unknown = Object.hasOwn(document, key) ? Reflect.get(document, key) : undefined;
  if (typeof member === 'string') return member;
  const fault = member === undefined ? 'the secret has no such member' : 'this member of the secret is not a text';
  throw wiring.failure('not-found', call, fault);
}

function objectIn(text: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    // The parser's error quotes the secret; that it is no JSON is all there is to say.
    return undefined;
  }
}
