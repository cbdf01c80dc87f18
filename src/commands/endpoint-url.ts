/** Addresses of endpoints as they are typed, in variables and in files: what can be used as one, and is no secret. */
import { NanoopsError } from '../errors.ts';

/**
 * An endpoint is shown, kept in journals and printed in commands to type next, so that it may hold no name and no password, and
 * no query either, in which the like is passed, too. `name`: of the flag, variable or setting. What is refused is not repeated.
 *
 * @throws NanoopsError `InvalidEndpoint`
 */
export function checkEndpointUrl(name: string, url: string): void {
  const { protocol, username, password, search, hash } = URL.canParse(url) ? new URL(url) : noUrl;
  if (username !== '' || password !== '' || search !== '' || hash !== '') {
    throw invalid(
      `${name} holds more than the address of an endpoint`,
      'leave out what stands before the @ of the host, and what follows a ? or #: addresses are kept and shown',
    );
  }
  if (protocol === 'http:' || protocol === 'https:') return;
  const quoted = url.includes('@') ? '' : ` ${JSON.stringify(url)}`;
  throw invalid(
    `${name}${quoted} is not the URL of an endpoint`,
    'use http:// or https:// and a host, for example http://127.0.0.1:4599, or leave it out for AWS itself',
  );
}

const noUrl = { protocol: '', username: '', password: '', search: '', hash: '' };

function invalid(message: string, nextStep: string): NanoopsError {
  return new NanoopsError(message, { code: 'InvalidEndpoint', exitCode: 2, nextStep });
}
