/** Every simulated service. A new one: its file, and its line here. */
import type { World } from '../world/world.ts';
import type { SimulatedService } from '../wire/service.ts';
import { acmService } from './acm.ts';
import { applicationAutoScalingService } from './application-auto-scaling.ts';
import { cloudtrailService } from './cloudtrail.ts';
import { cloudfrontService } from './cloudfront.ts';
import { cloudwatchService } from './cloudwatch.ts';
import { costExplorerService } from './cost-explorer.ts';
import { dynamodbService } from './dynamodb.ts';
import { ec2Service } from './ec2.ts';
import { ecrService } from './ecr.ts';
import { ecsService } from './ecs.ts';
import { elasticLoadBalancingService } from './elastic-load-balancing.ts';
import { elasticacheService } from './elasticache.ts';
import { eventBridgeService } from './eventbridge.ts';
import { guarddutyService } from './guardduty.ts';
import { healthService } from './health.ts';
import { iamService } from './iam.ts';
import { logsService } from './logs.ts';
import { rdsService } from './rds.ts';
import { routingControlService } from './route53-recovery-cluster.ts';
import { route53Service } from './route53.ts';
import { s3Service } from './s3.ts';
import { secretsManagerService } from './secrets-manager.ts';
import { snsService } from './sns.ts';
import { ssmService } from './ssm.ts';
import { stsService } from './sts.ts';
import { xrayService } from './xray.ts';

const makers: readonly ((world: World) => SimulatedService)[] = [
  acmService,
  applicationAutoScalingService,
  cloudtrailService,
  cloudfrontService,
  cloudwatchService,
  costExplorerService,
  dynamodbService,
  ec2Service,
  ecrService,
  ecsService,
  elasticLoadBalancingService,
  elasticacheService,
  eventBridgeService,
  guarddutyService,
  healthService,
  iamService,
  logsService,
  rdsService,
  route53Service,
  routingControlService,
  s3Service,
  secretsManagerService,
  snsService,
  ssmService,
  stsService,
  xrayService,
];

/** All services, answering for one world. */
export function simulatedServices(world: World): readonly SimulatedService[] {
  return makers.map((make) => make(world));
}
