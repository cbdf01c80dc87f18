/** The ECS services of a region, and what their versions say of where they write and what they are given. */
import type { ContainerDefinition, Service } from '@aws-sdk/client-ecs';
import type { FoundService, FoundServices, VersionHints } from '../../cloud/inventory.ts';
import type { ServiceRef } from '../../cloud/stack.ts';
import { limited } from '../limited.ts';
import { allPages, inGroups, type FactTools } from '../facts/tools.ts';
import { tagsFrom } from './tags.ts';

/** DescribeServices takes so many (Amazon ECS API Reference). */
const describedAtOnce = 10;
/** Whoever has more is asked for the cluster: an account of thousands is not read through for one of them. */
const mostServices = 1_000;
/** ECS throttles who asks for everything at once. */
const atOnce = 6;

/** The last part of an ARN, or of what is a name already. */
const nameOf = (arn: string): string => arn.split('/').at(-1) ?? arn;
/** `arn:…:targetgroup/nano-api/73e2d6bc24d8a067` → `targetgroup/nano-api/73e2d6bc24d8a067` */
const tailOf = (arn: string): string => arn.split(':').slice(5).join(':');

async function clustersOf({ wiring, clients }: FactTools, region: string): Promise<readonly string[]> {
  const ecs = await clients.ecs(region);
  const call = { service: 'ecs', operation: 'ListClusters', region };
  const arns = await allPages(wiring, call, async (nextToken) => {
    const answer = await ecs.listClusters({ nextToken, maxResults: 100 });
    return { items: answer.clusterArns ?? [], next: answer.nextToken };
  });
  return arns.map(nameOf);
}

export async function services(tools: FactTools, region: string, wanted?: string): Promise<FoundServices> {
  const { wiring, clients } = tools;
  const ecs = await clients.ecs(region);
  const inTurn = limited(atOnce);
  const clusters = wanted === undefined ? await clustersOf(tools, region) : [wanted];
  const listed = await Promise.all(
    clusters.map((cluster) =>
      inTurn(async () => {
        const call = { service: 'ecs', operation: 'ListServices', region, resource: cluster };
        const arns = await allPages(wiring, call, async (nextToken) => {
          const answer = await ecs.listServices({ cluster, nextToken, maxResults: 100 });
          return { items: answer.serviceArns ?? [], next: answer.nextToken };
        });
        return arns.map((arn) => ({ cluster, arn }));
      }),
    ),
  );
  const all = listed.flat();
  const described = all.slice(0, mostServices);
  const groups = clusters.flatMap((cluster) =>
    inGroups(
      described.filter((each) => each.cluster === cluster),
      describedAtOnce,
    ).map((group) => ({ cluster, names: group.map(({ arn }) => arn) })),
  );
  const found = await Promise.all(
    groups.map(({ cluster, names }) =>
      inTurn(async () => {
        const answer = await ecs.describeServices({ cluster, services: names, include: ['TAGS'] });
        return (answer.services ?? []).filter(({ status }) => status === 'ACTIVE').map((each) => from(cluster, each));
      }),
    ),
  );
  return { services: found.flat(), left: all.length - described.length };
}

function from(cluster: string, given: Service): FoundService {
  const { serviceName, serviceArn, taskDefinition, loadBalancers, networkConfiguration } = given;
  return {
    cluster,
    service: serviceName ?? nameOf(serviceArn ?? 'unknown'),
    ...(taskDefinition === undefined ? {} : { taskDefinition }),
    targetGroups: [...new Set((loadBalancers ?? []).flatMap((each) => each.targetGroupArn ?? []).map(tailOf))],
    securityGroups: networkConfiguration?.awsvpcConfiguration?.securityGroups ?? [],
    tags: tagsFrom((given.tags ?? []).map(({ key, value }) => [key, value])),
  };
}

export async function version({ clients }: FactTools, region: string, taskDefinition: string): Promise<VersionHints> {
  const ecs = await clients.ecs(region);
  const { taskDefinition: found } = await ecs.describeTaskDefinition({ taskDefinition });
  const containers = found?.containerDefinitions ?? [];
  return {
    logGroups: [...new Set(containers.flatMap(logGroupOf))],
    secrets: [
      ...new Set(containers.flatMap(({ secrets }) => secrets ?? []).flatMap(({ valueFrom }) => valueFrom ?? [])),
    ],
  };
}

function logGroupOf({ logConfiguration }: ContainerDefinition): readonly string[] {
  if (logConfiguration?.logDriver !== 'awslogs') return [];
  const group = logConfiguration.options?.['awslogs-group'];
  return group === undefined ? [] : [group];
}

export async function mostTasks({ clients }: FactTools, ref: ServiceRef): Promise<number | undefined> {
  const scaling = await clients.applicationAutoScaling(ref.region);
  const { ScalableTargets } = await scaling.describeScalableTargets({
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    ResourceIds: [`service/${ref.cluster}/${ref.service}`],
  });
  return ScalableTargets?.[0]?.MaxCapacity;
}
