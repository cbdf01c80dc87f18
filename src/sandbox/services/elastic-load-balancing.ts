/** Simulated Elastic Load Balancing v2: the balancer, its listener, its target group and its targets' health. */
import {
  DescribeListeners$,
  DescribeLoadBalancers$,
  DescribeTargetGroups$,
  DescribeTargetHealth$,
  type DescribeListenersInput,
  type DescribeListenersOutput,
  type DescribeLoadBalancersInput,
  type DescribeLoadBalancersOutput,
  type DescribeTargetGroupsInput,
  type DescribeTargetGroupsOutput,
  type DescribeTargetHealthInput,
  type DescribeTargetHealthOutput,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { unhealthyTasks } from '../world/health.ts';
import { CHECKED_MS, pendingTasks, runningTasks, type RegionInventory } from '../world/inventory.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { arnsOf, type Arns } from './arns.ts';
import { operation } from './operation.ts';

const PORT = 8000;
const DRAINING_MS = 30_000;
const MINUTE_MS = 60_000;

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
        CanonicalHostedZoneId: 'Z1H1FL5HABSF5',
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
    unhealthyTasks(world.inventory, world.dynamics.state(region, Math.floor(now / MINUTE_MS))).map(
      ({ task }) => task.id,
    ),
  );
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
  if (
    here === undefined ||
    (input.LoadBalancerArn !== undefined && input.LoadBalancerArn !== here.arns.loadBalancer())
  ) {
    throw balancerMissing([input.LoadBalancerArn ?? '']);
  }
  const { arns, region, world } = here;
  if (input.ListenerArns?.some((arn) => arn !== arns.listener()) === true) {
    throw new ServiceFault('ListenerNotFound', 'One or more listeners not found');
  }
  return {
    Listeners: [
      {
        ListenerArn: arns.listener(),
        LoadBalancerArn: arns.loadBalancer(),
        Port: 443,
        Protocol: 'HTTPS',
        Certificates: [
          {
            CertificateArn: `arn:aws:acm:${region.region}:${world.inventory.names.account}:certificate/${world.inventory.healthCheckId}`,
          },
        ],
        SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: arns.targetGroup(), Order: 1 }],
      },
    ],
  };
}
