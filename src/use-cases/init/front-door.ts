/** How clients come in: the record that they ask for, the address that tells whether it works, the distribution in front of it. */
import type { FoundRecord, Inventory } from '../../cloud/inventory.ts';
import * as propose from '../../discovery/propose.ts';
import type { Look } from './look.ts';

const isPublicName = /^(?!\*)[a-z0-9.-]+$/;

export async function dns(
  { gathered }: Look,
  known: propose.Known,
  api: propose.ApiRef | undefined,
  recovery: propose.ApiRef | undefined,
  records: readonly FoundRecord[],
): Promise<string | undefined> {
  const candidates = api === undefined ? [] : propose.recordCandidates(known, api, recovery, records);
  const record = await gathered.decide('dns.record', candidates, '');
  if (record === undefined) {
    const isOpen = gathered.isTold('dns.record');
    if (!isOpen) gathered.absent('dns.hostedZoneId', api && `no record leads to ${api.loadBalancer.loadBalancer}`);
    gathered.absent('dns.record', api && `no record leads to ${api.loadBalancer.loadBalancer}`);
    return undefined;
  }
  const { hostedZoneId, record: name, healthCheckId } = record.value;
  gathered.found('dns.hostedZoneId', hostedZoneId, `the zone of ${name}`);
  gathered.found('dns.record', name, record.why);
  gathered.found(
    'dns.mechanism',
    'records',
    healthCheckId === undefined
      ? 'the record itself is changed'
      : `the record follows the health check ${healthCheckId}: if that is what moves traffic, this is health-check or routing-control`,
  );
  return name;
}

export async function probe(
  { gathered, wanted }: Look,
  api: propose.ApiRef | undefined,
  record: string | undefined,
): Promise<void> {
  const { inventory, region } = wanted;
  if (api === undefined || record === undefined) return;
  const path = api.targetGroup?.healthPath ?? '/';
  const tail = api.loadBalancer.loadBalancer;
  const encrypted = await gathered.look('api', () => inventory.isEncrypted(region, tail), true);
  gathered.found(
    'api.probeUrl',
    `${encrypted ? 'https' : 'http'}://${record}${path.startsWith('/') ? path : `/${path}`}`,
    'the record, and the path that the target group asks for health',
  );
}

export async function cdn(
  { gathered }: Look,
  record: string | undefined,
  api: propose.ApiRef | undefined,
  bucket: string | undefined,
  distributions: Awaited<ReturnType<Inventory['distributions']>>,
): Promise<void> {
  const parts = {
    ...(record === undefined ? {} : { record }),
    ...(api === undefined ? {} : { api }),
    ...(bucket === undefined ? {} : { bucket }),
  };
  const chosen = await gathered.decide('cdn.distribution', propose.distributionCandidates(parts, distributions), '');
  gathered.settle('cdn.distribution', chosen, ({ distribution }) => distribution);
  if (chosen === undefined) return;
  const host = [...chosen.value.aliases, chosen.value.domain].find((each) => isPublicName.test(each));
  if (host !== undefined) gathered.found('cdn.url', `https://${host}/`, 'a name of the distribution');
}
