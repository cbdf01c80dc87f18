/** Every simulated service. A new one: its file, and its line here. */
import type { World } from '../world/world.ts';
import type { SimulatedService } from '../wire/service.ts';
import { applicationAutoScalingService } from './application-auto-scaling.ts';
import { cloudwatchService } from './cloudwatch.ts';
import { dynamodbService } from './dynamodb.ts';
import { ec2Service } from './ec2.ts';
import { ecsService } from './ecs.ts';
import { elasticLoadBalancingService } from './elastic-load-balancing.ts';
import { elasticacheService } from './elasticache.ts';
import { logsService } from './logs.ts';
import { rdsService } from './rds.ts';
import { route53Service } from './route53.ts';
import { s3Service } from './s3.ts';
import { stsService } from './sts.ts';
import { xrayService } from './xray.ts';

const makers: readonly ((world: World) => SimulatedService)[] = [
  applicationAutoScalingService,
  cloudwatchService,
  dynamodbService,
  ec2Service,
  ecsService,
  elasticLoadBalancingService,
  elasticacheService,
  logsService,
  rdsService,
  route53Service,
  s3Service,
  stsService,
  xrayService,
];

/** All services, answering for one world. */
export function simulatedServices(world: World): readonly SimulatedService[] {
  return makers.map((make) => make(world));
}
