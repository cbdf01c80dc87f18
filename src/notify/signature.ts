/**
 * Signs what is posted, by Standard Webhooks 1.0.0, symmetric scheme
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): HMAC-SHA-256 over
 * `id.timestamp.body`. The time is under the signature, so that a receiver can refuse an old post that is sent again.
 */
import { createHmac } from 'node:crypto';
import { NanoopsError } from '../errors.ts';

/** What begins a key that is written as the specification says: base64 follows. */
const serializedPrefix = 'whsec_';

/** The specification's bounds on a key: 192 to 512 bits. */
const shortestKeyBytes = 24;
const longestKeyBytes = 64;

/**
 * The bytes of a signing key. `whsec_` and base64 is the specification's form; any other text is a plain key, of which
 * the UTF-8 bytes count.
 *
 * @throws NanoopsError `SigningKeyInvalid` for `whsec_` without 24 to 64 bytes in base64. Never quotes the key.
 */
export function signingKeyOf(text: string): Buffer {
  if (!text.startsWith(serializedPrefix)) {
    if (text === '') throw invalidKey('is empty');
    return Buffer.from(text);
  }
  const base64 = text.slice(serializedPrefix.length);
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) {
    throw invalidKey('begins with whsec_, and what follows is not base64');
  }
  const key = Buffer.from(base64, 'base64');
  if (key.length < shortestKeyBytes || key.length > longestKeyBytes) {
    throw invalidKey(
      `is ${key.length} bytes long; a key that begins with whsec_ is ${shortestKeyBytes} to ${longestKeyBytes} bytes long`,
    );
  }
  return key;
}

function invalidKey(fault: string): NanoopsError {
  return new NanoopsError(`the key that signs posts to the webhook (notify.webhook.signingKey) ${fault}`, {
    code: 'SigningKeyInvalid',
    exitCode: 2,
    nextStep: 'make one with: echo "whsec_$(openssl rand -base64 32)"; keep it where the configuration says',
  });
}

/**
 * A notification's key, fit for a header and for `webhook-id`: whatever is not a letter, a digit or one of `_ - : /` is
 * percent-encoded. Above all the full stop, which separates what is signed.
 */
export function webhookId(key: string): string {
  return key.replace(/[^\w:/-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/** The headers that sign a body. `atMs`: when this attempt is made, in epoch milliseconds. */
export function signatureHeaders(key: Buffer, id: string, atMs: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
