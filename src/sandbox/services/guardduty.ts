/** Simulated GuardDuty: a detector in each region, and what it found. GuardDuty API Reference. */
import {
  GetDetector$,
  GetFindings$,
  ListDetectors$,
  ListFindings$,
  type Condition,
  type Finding,
  type GetDetectorRequest,
  type GetDetectorResponse,
  type GetFindingsRequest,
  type GetFindingsResponse,
  type ListDetectorsRequest,
  type ListDetectorsResponse,
  type ListFindingsRequest,
  type ListFindingsResponse,
} from '@aws-sdk/client-guardduty';
import { hexNoise } from '../random.ts';
import { INTRUDER_ADDRESS } from '../world/account-events.ts';
import { lasts } from '../world/faults.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { operation, pageOf } from './operation.ts';

const MOST_RESULTS = 50;

export function guarddutyService(world: World): SimulatedService {
  const detectorIn = (call: CallContext) => detectorOf(world, call.region);
  const open = (call: CallContext, id: string | undefined) => {
    const detector = detectorIn(call);
    if (detector === undefined || detector.id !== id) {
      throw invalid('The request is rejected because the input detectorId is not owned by the current account.');
    }
    return detector;
  };
  return {
    service: 'guardduty',
    signingName: 'guardduty',
    protocol: 'rest-json',
    operations: [
      operation<ListDetectorsRequest, ListDetectorsResponse>(ListDetectors$, (_input, call) => {
        const detector = detectorIn(call);
        return { DetectorIds: detector === undefined ? [] : [detector.id] };
      }),
      operation<GetDetectorRequest, GetDetectorResponse>(GetDetector$, (input, call) => ({
        CreatedAt: new Date(world.inventory.createdAt).toISOString(),
        FindingPublishingFrequency: 'SIX_HOURS',
        ServiceRole: `arn:aws:iam::${world.inventory.names.account}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty`,
        Status: open(call, input.DetectorId).isEnabled ? 'ENABLED' : 'DISABLED',
      })),
      operation<ListFindingsRequest, ListFindingsResponse>(ListFindings$, (input, call) => {
        open(call, input.DetectorId);
        const found = findingsOf(world, call).filter((finding) =>
          meets(finding, input.FindingCriteria?.Criterion ?? {}),
        );
        const { AttributeName: by, OrderBy } = input.SortCriteria ?? {};
        if (by !== undefined && by !== 'severity') throw invalid(`${by} is not simulated to sort by`);
        const ascending = found.toSorted((a, b) => (a.Severity ?? 0) - (b.Severity ?? 0));
        const page = pageOf(
          OrderBy === 'DESC' ? ascending.toReversed() : ascending,
          input.MaxResults ?? MOST_RESULTS,
          input.NextToken,
        );
        if (page === undefined)
          throw invalid('The request is rejected because the parameter nextToken has an invalid value.');
        return { FindingIds: page.items.map(({ Id }) => Id ?? ''), NextToken: page.next ?? '' };
      }),
      operation<GetFindingsRequest, GetFindingsResponse>(GetFindings$, (input, call) => {
        open(call, input.DetectorId);
        const ids = input.FindingIds ?? [];
        if (ids.length > MOST_RESULTS) throw invalid('The request is rejected because too many findingIds were given.');
        return { Findings: findingsOf(world, call).filter(({ Id }) => ids.includes(Id ?? '')) };
      }),
    ],
  };
}

function invalid(message: string): ServiceFault {
  return new ServiceFault('BadRequestException', message);
}

interface Detector {
  readonly id: string;
  readonly isEnabled: boolean;
}

function detectorOf(world: World, regionName: string): Detector | undefined {
  const region = world.region(regionName);
  const { seed, faults } = world.inventory;
  const now = world.now();
  const unwatched = faults.find(
    (fault) => fault.effect === 'unwatched' && fault.region === region?.role && lasts(fault, now),
  );
  if (region === undefined || (unwatched?.effect === 'unwatched' && unwatched.detector === 'absent')) return undefined;
  const part = (name: string) => hexNoise(seed, 'detector', region.role, name);
  return { id: `${part('a')}${part('b')}${part('c')}${part('d')}`, isEnabled: unwatched === undefined };
}

function findingsOf(world: World, call: CallContext): readonly Finding[] {
  const { seed, faults, names } = world.inventory;
  const region = world.region(call.region);
  const now = world.now();
  return faults.flatMap((fault, index): Finding[] => {
    if (fault.effect !== 'threat' || fault.region !== region?.role || fault.from > now) return [];
    const part = (name: string) => hexNoise(seed, 'finding', index, name);
    const id = `${part('a')}${part('b')}${part('c')}${part('d')}`;
    const lastSeen = new Date(Math.min(now, fault.to ?? now)).toISOString();
    const user = `${names.service}-task`;
    return [
      {
        AccountId: names.account,
        Arn: `arn:aws:guardduty:${call.region}:${names.account}:detector/${detectorOf(world, call.region)?.id ?? ''}/finding/${id}`,
        CreatedAt: new Date(fault.from).toISOString(),
        UpdatedAt: lastSeen,
        Id: id,
        Region: call.region,
        SchemaVersion: '2.0',
        Severity: fault.severity,
        Title: `Credentials of ${user} were used from ${INTRUDER_ADDRESS}.`,
        Type: fault.finding,
        Resource: {
          ResourceType: 'AccessKey',
          AccessKeyDetails: { AccessKeyId: 'ASIASANDBOXSANDBOXSB', UserName: user, UserType: 'AssumedRole' },
        },
        Service: {
          Archived: false,
          Count: 1 + Math.floor((now - fault.from) / 3_600_000),
          EventFirstSeen: new Date(fault.from).toISOString(),
          EventLastSeen: lastSeen,
          ServiceName: 'guardduty',
          Action: {
            ActionType: 'AWS_API_CALL',
            AwsApiCallAction: {
              Api: 'CreateUser',
              ServiceName: 'iam.amazonaws.com',
              RemoteIpDetails: { IpAddressV4: INTRUDER_ADDRESS },
            },
          },
        },
      },
    ];
  });
}

/** By the attributes that are simulated: `severity`, `updatedAt` (milliseconds) and `service.archived`. */
function meets(finding: Finding, criteria: Readonly<Record<string, Condition>>): boolean {
  return Object.entries(criteria).every(([attribute, condition]) => {
    switch (attribute) {
      case 'severity':
        return isWithin(finding.Severity ?? 0, condition);
      case 'updatedAt':
        return isWithin(Date.parse(finding.UpdatedAt ?? ''), condition);
      case 'service.archived':
        return (condition.Equals ?? condition.Eq ?? ['false']).includes(String(finding.Service?.Archived));
      default:
        throw invalid(`The criterion ${attribute} is not simulated.`);
    }
  });
}

function isWithin(value: number, { Gte, GreaterThanOrEqual, Lt, LessThan }: Condition): boolean {
  return value >= (GreaterThanOrEqual ?? Gte ?? -Infinity) && value < (LessThan ?? Lt ?? Infinity);
}
