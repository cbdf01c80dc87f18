/** What ECS's operations share: the cluster that a call is about, names in ARNs, pages, and the service's network. */
import type { RegionInventory } from '../world/inventory.ts';
import type { World } from '../world/world.ts';
import { ServiceFault } from '../wire/service.ts';
import type { Arns } from './arns.ts';
import { pageOf, type Page } from './operation.ts';

/** A region's ECS at a time. */
export interface EcsHere {
  readonly world: World;
  readonly region: RegionInventory;
  readonly arns: Arns;
  readonly now: number;
}

/** The name in an ARN, or the name itself. */
export function nameIn(nameOrArn: string): string {
  return nameOrArn.split('/').at(-1) ?? nameOrArn;
}

export function pageOrFault<T>(all: readonly T[], size: number, token: string | undefined): Page<T> {
  const page = pageOf(all, size, token);
  if (page === undefined) throw new ServiceFault('InvalidParameterException', 'Invalid token.');
  return page;
}

/** The network configuration of the service. */
export function networkOf(region: RegionInventory) {
  return {
    awsvpcConfiguration: {
      subnets: region.subnets.map((subnet) => subnet.id),
      securityGroups: [region.securityGroups.service],
      assignPublicIp: 'DISABLED' as const,
    },
  };
}
