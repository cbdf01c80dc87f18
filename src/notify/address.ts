/** Addresses that are secrets: whoever has one can post. Neither the text nor a parser's error, which quotes it, is told. */
import { NanoopsError } from '../errors.ts';

/**
 * @param what The address and its setting, for messages.
 * @throws NanoopsError `WebhookUrlInvalid`, without the value.
 */
export function secretAddress(url: string, what: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const fault = address === undefined ? 'is not a URL' : faultOf(address);
  if (address !== undefined && fault === undefined) return address;
  throw new NanoopsError(`${what} ${fault}`, {
    code: 'WebhookUrlInvalid',
    exitCode: 2,
    nextStep: 'put a URL such as https://host/path where the configuration says that the address is kept',
  });
}

function faultOf({ protocol, username, password }: URL): string | undefined {
  if (protocol !== 'https:' && protocol !== 'http:') return 'begins neither with https:// nor with http://';
  if (username !== '' || password !== '') return 'holds a user or a password, which are not sent';
  return undefined;
}
