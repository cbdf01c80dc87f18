import { describe, expect, it } from 'vitest';
import { readSecretRef, type SecretRef } from '../../src/config/secrets.ts';
import { resolveSecretRef } from '../../src/notify/secrets.ts';

function ref(text: string): SecretRef {
  const read = readSecretRef(text);
  if (read === undefined) throw new Error(`${text} is no reference`);
  return read;
}

const noStore = () => Promise.reject(new Error('no store may be asked'));

describe('a reference to a secret', () => {
  it('is read from the environment as it is', async () => {
    const env = { HOOK: ' https://hooks.example/x\n' };
    expect(await resolveSecretRef(ref('${env:HOOK}'), { env, fromStore: noStore })).toBe(env.HOOK);
  });

  it.each([
    ['is not set', {}],
    ['is empty', { HOOK: '' }],
    ['is empty', { HOOK: ' \n' }],
  ])('says that the variable %s, and what to do (%#)', async (fault, env) => {
    await expect(resolveSecretRef(ref('${env:HOOK}'), { env, fromStore: noStore })).rejects.toMatchObject({
      code: 'SecretMissing',
      exitCode: 2,
      message: `the configuration refers to the secret \${env:HOOK}, but the environment variable HOOK ${fault}`,
      nextStep: 'set HOOK where nanoops is started, or change the reference',
    });
  });

  it.each(['${ssm:/nano/hook}', '${secretsmanager:nano/hook#url}'])('is read from its store: %s', async (text) => {
    const asked: SecretRef[] = [];
    const fromStore = async (what: SecretRef) => {
      asked.push(what);
      return 'the secret';
    };
    expect(await resolveSecretRef(ref(text), { env: {}, fromStore })).toBe('the secret');
    expect(asked).toEqual([ref(text)]);
  });

  it('that is kept empty in its store is missing', async () => {
    const sources = { env: {}, fromStore: async () => '' };
    await expect(resolveSecretRef(ref('${ssm:/nano/hook}'), sources)).rejects.toMatchObject({
      code: 'SecretMissing',
      exitCode: 2,
      message: expect.stringContaining('${ssm:/nano/hook}'),
    });
  });

  it('passes on why the store could not be read', async () => {
    const denied = new Error('denied');
    const sources = { env: {}, fromStore: () => Promise.reject(denied) };
    await expect(resolveSecretRef(ref('${ssm:/nano/hook}'), sources)).rejects.toBe(denied);
  });
});
