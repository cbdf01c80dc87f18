import { expect, test } from 'vitest';
import { programEnv } from '../../src/composition/program-env.ts';

const env = {
  PATH: '/bin',
  AWS_PROFILE: 'mine',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'token',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:2',
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
};

test('without flags programs inherit what there is', () => {
  expect(programEnv({}, env)).toEqual(env);
});

test('a profile that was typed is theirs, and no keys stand before it', () => {
  const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, AWS_SESSION_TOKEN: _token, ...rest } = env;
  expect(programEnv({ profile: 'staging' }, env)).toEqual({ ...rest, AWS_PROFILE: 'staging' });
});

test('an endpoint that was typed is the only one', () => {
  const { AWS_ENDPOINT_URL_S3: _s3, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: _ignored, ...rest } = env;
  expect(programEnv({ endpointUrl: 'http://127.0.0.1:4599' }, env)).toEqual({
    ...rest,
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4599',
  });
});
