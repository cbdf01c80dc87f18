/** Simulated Elastic Load Balancing v2: the balancer, its listeners, its target group and its targets' health. */
import {
  DescribeListenerCertificates$,
  DescribeListeners$,
  DescribeLoadBalancers$,
  DescribeTargetGroups$,
  DescribeTargetHealth$,
  type DescribeListenerCertificatesInput,
  type DescribeListenerCertificatesOutput,
  type DescribeListenersInput,
  type DescribeListenersOutput,
  type DescribeLoadBalancersInput,
  type DescribeLoadBalancersOutput,
  type DescribeTargetGroupsInput,
  type DescribeTargetGroupsOutput,
  type DescribeTargetHealthInput,
  type DescribeTargetHealthOutput,
  type Listener,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { unhealthyTasks } from '../world/health.ts';
import { balancerZone } from '../world/hosts.ts';
import { CHECKED_MS, pendingTasks, runningTasks, type RegionInventory } from '../world/inventory.ts';
import { isMissing } from '../world/region-needs.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { arnsOf, type Arns } from './arns.ts';
import { operation } from './operation.ts';

const PORT = 8000;
const DRAINING_MS = 30_000;
const MINUTE_MS = 60_000;

const FAILING: TargetHealthDescription['TargetHealth'] = {
  State: 'unhealthy',
  Reason: 'Target.ResponseCodeMismatch',
  Description: 'Health checks failed with these codes: [503]',
};

interface Here {
  readonly world: World;
  readonly region: RegionInventory;
  readonly arns: Arns;
}

export function elasticLoadBalancingService(world: World): SimulatedService {
  const here = (call: CallContext): Here | undefined => {
    const region = world.region(call.region);
    return region && { world, region, arns: arnsOf(world, region) };
  };
  return {
    service: 'elasticloadbalancing',
    signingName: 'elasticloadbalancing',
    protocol: 'query',
    xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    operations: [
      operation<DescribeLoadBalancersInput, DescribeLoadBalancersOutput>(DescribeLoadBalancers$, (input, call) =>
        describeLoadBalancers(here(call), input),
      ),
      operation<DescribeTargetGroupsInput, DescribeTargetGroupsOutput>(DescribeTargetGroups$, (input, call) =>
        describeTargetGroups(here(call), input),
      ),
      operation<DescribeTargetHealthInput, DescribeTargetHealthOutput>(DescribeTargetHealth$, (input, call) =>
        describeTargetHealth(here(call), input),
      ),
      operation<DescribeListenersInput, DescribeListenersOutput>(DescribeListeners$, (input, call) =>
        describeListeners(here(call), input),
      ),
      operation<DescribeListenerCertificatesInput, DescribeListenerCertificatesOutput>(
        DescribeListenerCertificates$,
        (input, call) => describeListenerCertificates(here(call), input),
      ),
    ],
  };
}

function nameOf(tail: string): string {
  return tail.split('/')[1] ?? tail;
}

function balancerMissing(which: readonly string[]): ServiceFault {
  return new ServiceFault('LoadBalancerNotFound', `Load balancers '[${which.join(', ')}]' not found`);
}

function groupMissing(): ServiceFault {
  return new ServiceFault('TargetGroupNotFound', 'One or more target groups not found');
}

function describeLoadBalancers(here: Here | undefined, input: DescribeLoadBalancersInput): DescribeLoadBalancersOutput {
  const wanted = input.Names ?? input.LoadBalancerArns;
  const known = here === undefined ? [] : [nameOf(here.region.names.loadBalancer), here.arns.loadBalancer()];
  const missing = (wanted ?? []).filter((each) => !known.includes(each));
  if (missing.length > 0) throw balancerMissing(missing);
  if (here === undefined) return { LoadBalancers: [] };
  const { region, arns, world } = here;
  return {
    LoadBalancers: [
      {
        LoadBalancerArn: arns.loadBalancer(),
        DNSName: region.balancerDnsName,
        CanonicalHostedZoneId: balancerZone(region.region),
        CreatedTime: new Date(world.inventory.createdAt),
        LoadBalancerName: nameOf(region.names.loadBalancer),
        Scheme: 'internet-facing',
        VpcId: region.vpcId,
        State: { Code: 'active' },
        Type: 'application',
        AvailabilityZones: region.subnets.map((subnet) => ({
          ZoneName: subnet.zone,
          SubnetId: subnet.id,
          LoadBalancerAddresses: [],
        })),
        SecurityGroups: [region.securityGroups.balancer],
        IpAddressType: 'ipv4',
      },
    ],
  };
}

function describeTargetGroups(here: Here | undefined, input: DescribeTargetGroupsInput): DescribeTargetGroupsOutput {
  if (input.LoadBalancerArn !== undefined && input.LoadBalancerArn !== here?.arns.loadBalancer()) {
    throw balancerMissing([input.LoadBalancerArn]);
  }
  const wanted = input.Names ?? input.TargetGroupArns ?? [];
  const known = here === undefined ? [] : [nameOf(here.region.names.targetGroup), here.arns.targetGroup()];
  if (wanted.some((each) => !known.includes(each))) throw groupMissing();
  if (here === undefined) return { TargetGroups: [] };
  const { region, arns } = here;
  return {
    TargetGroups: [
      {
        TargetGroupArn: arns.targetGroup(),
        TargetGroupName: nameOf(region.names.targetGroup),
        Protocol: 'HTTP',
        ProtocolVersion: 'HTTP1',
        Port: PORT,
        VpcId: region.vpcId,
        HealthCheckProtocol: 'HTTP',
        HealthCheckPort: 'traffic-port',
        HealthCheckEnabled: true,
        HealthCheckIntervalSeconds: 10,
        HealthCheckTimeoutSeconds: 5,
        HealthyThresholdCount: 3,
        UnhealthyThresholdCount: 2,
        HealthCheckPath: '/healthz',
        Matcher: { HttpCode: '200' },
        LoadBalancerArns: [arns.loadBalancer()],
        TargetType: 'ip',
        IpAddressType: 'ipv4',
      },
    ],
  };
}

function describeTargetHealth(here: Here | undefined, input: DescribeTargetHealthInput): DescribeTargetHealthOutput {
  if (here === undefined || input.TargetGroupArn !== here.arns.targetGroup()) throw groupMissing();
  const { region, world } = here;
  const now = world.now();
  const unhealthy = new Set(
    unhealthyTasks(world.inventory, region, world.dynamics.state(region, Math.floor(now / MINUTE_MS))).map(
      ({ task }) => task.id,
    ),
  );
  const failing = isMissing(world.inventory, region, 'target-health', now);
  const described = (
    ip: string,
    zone: string,
    health: TargetHealthDescription['TargetHealth'],
  ): TargetHealthDescription => ({
    Target: { Id: ip, Port: PORT, AvailabilityZone: zone },
    HealthCheckPort: String(PORT),
    TargetHealth: health,
  });
  const draining = region.tasks.filter(
    (task) => task.stoppedAt !== undefined && task.stoppedAt <= now && task.stoppedAt > now - DRAINING_MS,
  );
  return {
    TargetHealthDescriptions: [
      ...runningTasks(region, now).map((task) =>
        described(
          task.ip,
          task.zone,
          now < task.startedAt + CHECKED_MS
            ? {
                State: 'initial',
                Reason: 'Elb.InitialHealthChecking',
                Description: 'Initial health checks in progress',
              }
            : failing
              ? FAILING
              : unhealthy.has(task.id)
                ? { State: 'unhealthy', Reason: 'Target.Timeout', Description: 'Request timed out' }
                : { State: 'healthy' },
        ),
      ),
      ...pendingTasks(region, now).map((task) =>
        described(task.ip, task.zone, {
          State: 'initial',
          Reason: 'Elb.RegistrationInProgress',
          Description: 'Target registration is in progress',
        }),
      ),
      ...draining.map((task) =>
        described(task.ip, task.zone, {
          State: 'draining',
          Reason: 'Target.DeregistrationInProgress',
          Description: 'Target deregistration is in progress',
        }),
      ),
    ],
  };
}

function describeListeners(here: Here | undefined, input: DescribeListenersInput): DescribeListenersOutput {
  const { LoadBalancerArn: balancer, ListenerArns: wanted } = input;
  if (balancer === undefined && wanted === undefined) {
    throw new ServiceFault('ValidationError', 'You must specify either listener ARNs or a load balancer ARN');
  }
  if (balancer !== undefined && balancer !== here?.arns.loadBalancer()) throw balancerMissing([balancer]);
  const all = here === undefined ? [] : listenersOf(here);
  if (wanted?.some((arn) => !all.some((each) => each.ListenerArn === arn)) === true) throw listenerMissing();
  return { Listeners: all.filter((each) => wanted === undefined || wanted.includes(each.ListenerArn ?? '')) };
}

/** There is no HTTPS without a certificate: where that is missing, plain HTTP is all that the balancer serves. */
function listenersOf({ arns, region, world }: Here): readonly Listener[] {
  const forward = { Type: 'forward', TargetGroupArn: arns.targetGroup(), Order: 1 } as const;
  const plain: Listener = {
    ListenerArn: arns.listener(80),
    LoadBalancerArn: arns.loadBalancer(),
    Port: 80,
    Protocol: 'HTTP',
    DefaultActions: [forward],
  };
  if (isMissing(world.inventory, region, 'certificate', world.now())) return [plain];
  return [
    {
      ListenerArn: arns.listener(443),
      LoadBalancerArn: arns.loadBalancer(),
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: arns.certificate() }],
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      DefaultActions: [forward],
    },
    {
      ...plain,
      DefaultActions: [
        {
          Type: 'redirect',
          Order: 1,
          RedirectConfig: {
            Protocol: 'HTTPS',
            Port: '443',
            Host: '#{host}',
            Path: '/#{path}',
            Query: '#{query}',
            StatusCode: 'HTTP_301',
          },
        },
      ],
    },
  ];
}

function listenerMissing(): ServiceFault {
  return new ServiceFault('ListenerNotFound', 'One or more listeners not found');
}

/** A listener's default certificate, which DescribeListeners names alone, and those that it has beside. */
function describeListenerCertificates(
  here: Here | undefined,
  input: DescribeListenerCertificatesInput,
): DescribeListenerCertificatesOutput {
  const listener = here && listenersOf(here).find((each) => each.ListenerArn === input.ListenerArn);
  if (listener === undefined) throw listenerMissing();
  return { Certificates: listener.Certificates?.map((each) => ({ ...each, IsDefault: true })) ?? [] };
}
