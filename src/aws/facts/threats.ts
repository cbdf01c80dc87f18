/** What GuardDuty found, and whether it looks at all. */
import type { Action, Finding, Resource } from '@aws-sdk/client-guardduty';
import type { ThreatFinding, Threats } from '../../cloud/security-facts.ts';
import type { Window } from '../../cloud/series.ts';
import { followPages } from '../pages.ts';
import { allPages, inGroups, type FactTools } from './tools.ts';

/** ListFindings gives no more on a page, and GetFindings takes no more (GuardDuty API Reference). */
const findingsPerCall = 50;
/** They come gravest first, so that what is beyond is no graver. */
const mostPages = 4;
/** Medium and above (GuardDuty User Guide, "Severity levels of GuardDuty findings"). */
const leastSeverity = 4;

/** The thing that a finding is about, by the name that a person knows it by. */
function aboutOf(resource: Resource | undefined): string {
  const { AccessKeyDetails, InstanceDetails, S3BucketDetails, EksClusterDetails, EcsClusterDetails } = resource ?? {};
  return (
    AccessKeyDetails?.UserName ??
    InstanceDetails?.InstanceId ??
    S3BucketDetails?.[0]?.Name ??
    EcsClusterDetails?.Name ??
    EksClusterDetails?.Name ??
    resource?.RdsDbInstanceDetails?.DbInstanceIdentifier ??
    resource?.LambdaDetails?.FunctionName ??
    resource?.ResourceType ??
    'unknown'
  );
}

function addressOf(action: Action | undefined): string | undefined {
  const remote =
    action?.AwsApiCallAction?.RemoteIpDetails ??
    action?.NetworkConnectionAction?.RemoteIpDetails ??
    action?.RdsLoginAttemptAction?.RemoteIpDetails ??
    action?.KubernetesApiCallAction?.RemoteIpDetails ??
    action?.PortProbeAction?.PortProbeDetails?.[0]?.RemoteIpDetails;
  return remote?.IpAddressV4 ?? remote?.IpAddressV6;
}

export async function threats({ wiring, clients }: FactTools, region: string, window: Window): Promise<Threats> {
  const api = await clients.guardDuty(region);
  const call = (operation: string) => ({ service: 'guardduty', operation, region });
  const ids = await allPages(wiring, call('ListDetectors'), async (NextToken) => {
    const answer = await api.listDetectors({ NextToken });
    return { items: answer.DetectorIds ?? [], next: answer.NextToken };
  });
  const source = { operation: 'guardduty:ListFindings', region, detail: `severity ${leastSeverity} and above` };

  const findingOf = (finding: Finding): ThreatFinding => {
    const { Id, Type, Severity, Service, UpdatedAt } = finding;
    if (Id === undefined || Type === undefined || Severity === undefined) {
      throw wiring.failure('malformed-answer', call('GetFindings'), 'a finding has no id, type or severity');
    }
    const from = addressOf(Service?.Action);
    return {
      id: Id,
      type: Type,
      title: finding.Title ?? Type,
      severity: Severity,
      lastSeen: Date.parse(Service?.EventLastSeen ?? UpdatedAt ?? '') || window.to,
      count: Service?.Count ?? 1,
      about: aboutOf(finding.Resource),
      ...(from === undefined ? {} : { from }),
    };
  };

  const ofDetector = async (DetectorId: string) => {
    const [{ Status }, listed] = await Promise.all([
      api.getDetector({ DetectorId }),
      followPages({ pages: mostPages }, async (NextToken) => {
        const answer = await api.listFindings({
          DetectorId,
          FindingCriteria: {
            Criterion: {
              severity: { GreaterThanOrEqual: leastSeverity },
              'service.archived': { Equals: ['false'] },
              // Without an end: a finding that goes on is updated again and again, and is one of the window all the same.
              updatedAt: { GreaterThanOrEqual: window.from },
            },
          },
          SortCriteria: { AttributeName: 'severity', OrderBy: 'DESC' },
          MaxResults: findingsPerCall,
          NextToken,
        });
        return { items: answer.FindingIds ?? [], next: answer.NextToken };
      }),
    ]);
    const details = await Promise.all(
      inGroups(listed.items, findingsPerCall).map((FindingIds) =>
        api.getFindings({ DetectorId, FindingIds: [...FindingIds] }),
      ),
    );
    return {
      id: DetectorId,
      enabled: Status === 'ENABLED',
      truncated: listed.truncated,
      findings: details.flatMap(({ Findings = [] }) => Findings.map(findingOf)),
    };
  };

  const detectors = await Promise.all(ids.map(ofDetector));
  const idsOf = (enabled: boolean) => detectors.filter((each) => each.enabled === enabled).map(({ id }) => id);
  return {
    detectors: idsOf(true),
    suspended: idsOf(false),
    findings: detectors
      .flatMap(({ findings }) => findings)
      .toSorted((a, b) => b.severity - a.severity || b.lastSeen - a.lastSeen),
    truncated: detectors.some(({ truncated }) => truncated),
    source,
  };
}
