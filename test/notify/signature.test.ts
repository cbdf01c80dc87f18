import { describe, expect, it } from 'vitest';
import { signatureHeaders, signingKeyOf, webhookId } from '../../src/notify/signature.ts';
import { thrownBy } from './stage.ts';

describe('a signing key', () => {
  it('signs as the test vector of the Standard Webhooks libraries says', () => {
    const key = signingKeyOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const atMs = 1_614_265_330_999;
    expect(signatureHeaders(key, 'msg_p5jXN8AQM9LWM0D4loKWxJek', atMs, '{"test": 2432232314}')).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is taken byte by byte where it has no prefix', () => {
    expect(signingKeyOf('schlüssel').toString('hex')).toBe('7363686cc3bc7373656c');
  });

  it.each([
    ['', 'is empty'],
    ['whsec_', 'is 0 bytes long'],
    [`whsec_${Buffer.alloc(23).toString('base64')}`, 'is 23 bytes long'],
    [`whsec_${Buffer.alloc(65).toString('base64')}`, 'is 65 bytes long'],
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS', 'is not base64'],
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n', 'is not base64'],
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La-_Sw', 'is not base64'],
  ])('is refused, and not shown, where it is not what its prefix says (%#)', (text, fault) => {
    const error = thrownBy(() => signingKeyOf(text));
    expect(error).toMatchObject({
      code: 'SigningKeyInvalid',
      exitCode: 2,
      message: expect.stringContaining(fault),
    });
    expect(String(error)).not.toContain('MfKQ');
  });
});

it('two keys never become one id, and an id holds no full stop', () => {
  const keys = ['a.b', 'a%2Eb', 'a b', 'a/b', 'a:b', 'ab', 'ä.b', 'A.b'];
  const ids = keys.map(webhookId);
  expect(new Set(ids).size).toBe(keys.length);
  expect(ids.join('')).not.toContain('.');
});
