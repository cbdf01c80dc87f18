/** Where requests go that are meant for AWS, when somebody named an endpoint: to AWS, to this machine, or elsewhere. */

/** The domains of AWS's own endpoints, by partition (botocore, partitions.json). */
const domains = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'api.aws',
  'api.amazonwebservices.com.cn',
  'api.amazonwebservices.eu',
  'c2s.ic.gov',
  'sc2s.sgov.gov',
  'cloud.adc-e.uk',
  'csp.hci.ic.gov',
];

const thisMachine = ['127.0.0.1', 'localhost', '[::1]'];

export function isOnThisMachine(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  return thisMachine.includes(new URL(url).hostname);
}

/** True of an endpoint that is neither AWS's own, by TLS, nor on this machine. */
export function isElsewhere(url: string): boolean {
  if (isOnThisMachine(url)) return false;
  if (!URL.canParse(url)) return true;
  const { protocol, hostname } = new URL(url);
  const isOfAws = domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
  return protocol !== 'https:' || !isOfAws;
}
