import { describe, expect, it } from 'vitest';
import { resolveSecret, type StoredSecret } from '../../src/aws/secrets.ts';
import {
  failureOf,
  fakeClock,
  fakeEndpoint,
  testCredentials,
  type Answer,
  type FakeEndpoint,
} from './fake-endpoint.ts';

const hidden = 'hunter2-very-secret';

function read(secret: StoredSecret, requestHandler: FakeEndpoint, more: { readonly signal?: AbortSignal } = {}) {
  return resolveSecret(secret, {
    region: 'us-west-2',
    clock: fakeClock(),
    random: () => 0,
    credentials: testCredentials,
    requestHandler,
    ...more,
  });
}

const parameter = (name = '/nano/webhook'): StoredSecret => ({ store: 'ssm', name });
const secret = (key?: string, name = 'nano/pagerduty'): StoredSecret => ({ store: 'secretsmanager', name, key });

/** Everything that whoever gets the error could print of it. */
function allOf(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) {
    const details = 'details' in current ? JSON.stringify(current.details) : '';
    parts.push(current.message, current.stack ?? '', details, JSON.stringify(current));
  }
  return parts.join('\n');
}

describe('a secret', () => {
  it('is read from the Parameter Store, decrypted', async () => {
    const endpoint = fakeEndpoint(() => ({ body: { Parameter: { Name: '/nano/webhook', Value: hidden } } }));
    expect(await read(parameter(), endpoint)).toBe(hidden);
    expect(endpoint.asked).toMatchObject([
      {
        operation: 'GetParameter',
        host: 'ssm.us-west-2.amazonaws.com',
        input: { Name: '/nano/webhook', WithDecryption: true },
      },
    ]);
  });

  it('is read from Secrets Manager, as a whole or as a member of it', async () => {
    const value = JSON.stringify({ routingKey: hidden, other: 1 });
    const endpoint = fakeEndpoint(() => ({ body: { SecretString: value } }));
    expect(await read(secret(), endpoint)).toBe(value);
    expect(await read(secret('routingKey'), endpoint)).toBe(hidden);
    expect(endpoint.asked[0]).toMatchObject({
      operation: 'GetSecretValue',
      host: 'secretsmanager.us-west-2.amazonaws.com',
      input: { SecretId: 'nano/pagerduty' },
    });
  });

  it('that is named by an ARN is read where that says', async () => {
    const endpoint = fakeEndpoint(() => ({ body: { SecretString: hidden } }));
    await read(secret(undefined, 'arn:aws:secretsmanager:us-east-1:123456789012:secret:nano-AbCdEf'), endpoint);
    expect(endpoint.asked[0]?.host).toBe('secretsmanager.us-east-1.amazonaws.com');
  });

  it('is kept exactly as it is', async () => {
    const endpoint = fakeEndpoint(() => ({ body: { Parameter: { Value: ` ${hidden}\n` } } }));
    expect(await read(parameter(), endpoint)).toBe(` ${hidden}\n`);
  });
});

describe('a secret that cannot be had', () => {
  const refused = (code: string): Answer => ({ status: 400, body: { __type: code, message: 'no' } });

  it.each<[string, StoredSecret, Answer, string, string]>([
    ['is not there', parameter(), refused('ParameterNotFound'), 'not-found', '/nano/webhook is not there'],
    ['is not there', secret('k'), refused('ResourceNotFoundException'), 'not-found', 'nano/pagerduty is not there'],
    [
      'may not be read',
      parameter(),
      refused('AccessDeniedException'),
      'permission',
      'the caller may not ssm:GetParameter',
    ],
    [
      'is no JSON object',
      secret('k'),
      { body: { SecretString: hidden } },
      'not-found',
      'nano/pagerduty#k is not there [the secret is not a JSON object]',
    ],
    [
      'is a JSON list',
      secret('0'),
      { body: { SecretString: JSON.stringify([hidden]) } },
      'not-found',
      'the secret is not a JSON object',
    ],
    [
      'lacks the member',
      secret('k'),
      { body: { SecretString: JSON.stringify({ other: hidden }) } },
      'not-found',
      'the secret has no such member',
    ],
    [
      'has only inherited members of that name',
      secret('constructor'),
      { body: { SecretString: JSON.stringify({ other: hidden }) } },
      'not-found',
      'the secret has no such member',
    ],
    [
      'has a member that is no text',
      secret('k'),
      { body: { SecretString: JSON.stringify({ k: { deep: hidden } }) } },
      'not-found',
      'this member of the secret is not a text',
    ],
    [
      'is binary',
      secret(),
      { body: { SecretBinary: Buffer.from(hidden).toString('base64') } },
      'not-found',
      'the secret is binary',
    ],
    ['has no value', parameter(), { body: { Parameter: {} } }, 'malformed-answer', 'the parameter has no value'],
    ['has no value', secret(), { body: {} }, 'malformed-answer', 'the secret has no value'],
    // What a parser cannot read it quotes.
    ['is cut off', secret(), { body: `{"SecretString":"${hidden}` }, 'malformed-answer', 'cannot be read'],
    ['is mangled', secret(), { body: `{"SecretString":${hidden}}` }, 'malformed-answer', 'cannot be read'],
    ['is mangled', parameter(), { body: `{"Parameter":{"Value":${hidden}}}` }, 'malformed-answer', 'cannot be read'],
  ])('because it %s is told with its name and never its value (%#)', async (_, stored, answer, kind, words) => {
    const error = await failureOf(
      read(
        stored,
        fakeEndpoint(() => answer),
      ),
    );
    expect(error).toMatchObject({ kind });
    expect(String(error)).toContain(words);
    expect(String(error)).toContain(stored.store === 'ssm' ? 'ssm:GetParameter' : 'secretsmanager:GetSecretValue');
    for (const part of [hidden, hidden.slice(0, 7)]) expect(allOf(error)).not.toContain(part);
  });

  it('because the run was told to stop rejects with that', async () => {
    const reason = new Error('SIGINT');
    const endpoint = fakeEndpoint(() => ({ body: {} }));
    expect(await failureOf(read(parameter(), endpoint, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(endpoint.asked).toEqual([]);
  });
});
