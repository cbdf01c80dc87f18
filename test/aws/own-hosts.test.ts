/** Every host that the SDK's own rules lead to, in each partition, is one of AWS's for those who judge where requests go. */
import { Route53RecoveryClusterClient } from '@aws-sdk/client-route53-recovery-cluster';
import { describe, expect, test } from 'vitest';
import { packages } from '../../src/aws/named/packages.ts';
import { isElsewhere, isRequestElsewhere, servicesWithEndpoints } from '../../src/cloud/endpoints.ts';

const regions = [
  ...['us-east-1', 'us-west-2', 'eu-central-1', 'ap-southeast-4', 'mx-central-1', 'us-gov-west-1', 'us-gov-east-1'],
  ...['cn-north-1', 'cn-northwest-1', 'us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1', 'us-isof-south-1'],
  ...['eusc-de-east-1'],
];

type Provider = (parameters: object) => { readonly url: URL };

interface Known {
  readonly config: { readonly endpointProvider: Provider; readonly serviceId: string };
}

const settings = { region: 'us-west-2', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };

async function clientOf(service: string): Promise<Known> {
  if (service === 'route53-recovery-cluster') return new Route53RecoveryClusterClient(settings) as unknown as Known;
  const module = (await packages[service]?.()) ?? {};
  const name = Object.keys(module).find((each) => /^(?!__)[A-Z]\w*Client$/.test(each)) ?? '';
  return Reflect.construct(Reflect.get(module, name), [settings]) as Known;
}

describe.each([...Object.keys(packages), 'route53-recovery-cluster'])('%s', (service) => {
  test('where nothing is configured', async () => {
    const { endpointProvider } = (await clientOf(service)).config;
    const hosts = new Set<string>();
    for (const Region of regions) {
      for (const [UseFIPS, UseDualStack] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ] as const) {
        for (const more of service === 's3' ? [{}, { Bucket: 'nano-zips' }, { Bucket: 'nano.zips' }] : [{}]) {
          try {
            hosts.add(endpointProvider({ Region, UseFIPS, UseDualStack, ...more }).url.href);
          } catch {
            // Not every partition has every kind.
          }
        }
      }
    }
    expect(hosts.size).toBeGreaterThan(3);
    const elsewhere = [...hosts].filter((url) => isRequestElsewhere(service, new URL(url)));
    expect(elsewhere).toEqual([]);
    // Hosts of buckets are AWS's for the requests that are about them, and nobody's endpoint.
    const named = [...hosts].filter((url) => isElsewhere(url) && !new URL(url).hostname.startsWith('nano'));
    expect(named).toEqual([]);
  });

  test('by the name that variables and files have for it', async () => {
    const { serviceId } = (await clientOf(service)).config;
    expect(servicesWithEndpoints).toContain(serviceId.replaceAll(' ', '_').toUpperCase());
  });
});
