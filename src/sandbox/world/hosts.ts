/** Host names of the world's resources, as traces, logs and describing calls give them alike. */
import type { Database, RegionInventory } from './inventory.ts';
import type { WorldNames } from './names.ts';

const regionCodes: Readonly<Record<string, string>> = {
  'us-east-1': 'use1',
  'us-east-2': 'use2',
  'us-west-1': 'usw1',
  'us-west-2': 'usw2',
  'eu-west-1': 'euw1',
  'eu-central-1': 'euc1',
};

/** The hosted zones of load balancers (AWS General Reference, "Elastic Load Balancing endpoints"). */
const balancerZones: Readonly<Record<string, string>> = {
  'us-east-1': 'Z35SXDOTRQ7X7K',
  'us-east-2': 'Z3AADJGX6KTTL2',
  'us-west-1': 'Z368ELLRRE2KJ0',
  'us-west-2': 'Z1H1FL5HABSF5',
  'eu-west-1': 'Z32O12XQLNTSW2',
  'eu-central-1': 'Z215JYRZR1TBD5',
};

/** What an alias that leads to a load balancer of the region names as its hosted zone. */
export function balancerZone(region: string): string {
  return balancerZones[region] ?? 'Z1H1FL5HABSF5';
}

/** The endpoint that follows the cluster's writer. */
export function writerHost(region: RegionInventory, database: Database = region.database): string {
  return `${database.cluster}.cluster-${database.endpointId}.${region.region}.rds.amazonaws.com`;
}

export function readerHost(region: RegionInventory, database: Database = region.database): string {
  return `${database.cluster}.cluster-ro-${database.endpointId}.${region.region}.rds.amazonaws.com`;
}

export function instanceHost(region: RegionInventory, instance: string): string {
  return `${instance}.${region.database.endpointId}.${region.region}.rds.amazonaws.com`;
}

export function cacheHost(region: RegionInventory): string {
  return `master.${region.names.cache}.${region.database.endpointId.slice(1, 7)}.${regionCodes[region.region] ?? region.region}.cache.amazonaws.com`;
}

export function bucketHost(region: RegionInventory): string {
  return bucketHostOf(region.names.bucket, region.region);
}

export function bucketHostOf(bucket: string, region: string): string {
  return `${bucket}.s3.${region}.amazonaws.com`;
}

/** The database's own name, for example `nano_prod`. */
export function schemaName(names: WorldNames): string {
  const base = names.service.replace(/-api$/, '').replaceAll(/\W/g, '_');
  return `${base}_${names.environment.replaceAll(/\W/g, '_')}`;
}

/** The database's user that the application signs in as, for example `nano_app`. */
export function applicationUser(names: WorldNames): string {
  return schemaName(names).replace(/_[^_]*$/, '_app');
}
