/**
 * What customers may know of an incident: when, how bad, how long, and what was written for them. Made of nothing else, so
 * that nothing of the inside can get into it; and masked all the same, since people wrote it.
 */
import { severityLevels } from '../cloud/severity-levels.ts';
import { timeOf, type Incident } from './incident.ts';
import { masked } from './public-text.ts';
import type { Impact } from './impact.ts';
import type { Standing } from './standing.ts';

export interface PublicUpdate {
  readonly at: number;
  readonly text: string;
}

/** The state that a severity stands for; of what changes no status page, what it is. */
export function publicTitle({ severity }: Pick<Incident, 'severity'>): string {
  return severityLevels[severity].statusPage ?? 'Minor Issue';
}

/** True of what is told to customers: by its severity, or because somebody said something to them. */
export function isPublic({ severity, firstSeverity, events }: Incident): boolean {
  if (severityLevels[severity].statusPage !== null || severityLevels[firstSeverity].statusPage !== null) return true;
  return events.some((event) => 'publicText' in event && event.publicText !== undefined);
}

/** What was said, oldest first; where nobody said anything, what the severity and the state say. */
export function publicUpdates(incident: Incident): readonly PublicUpdate[] {
  return incident.events
    .flatMap((event): readonly PublicUpdate[] => {
      const at = timeOf(event);
      const said = (text: string | undefined): readonly PublicUpdate[] => (text === undefined ? [] : [{ at, text }]);
      switch (event.type) {
        case 'incident.opened':
          return said(event.publicText ?? `${publicTitle(event)}. We are looking into it.`).map((update) => ({
            ...update,
            at: event.detectedAt,
          }));
        case 'incident.updated':
          return said(event.publicText);
        case 'severity.changed':
          return said(`Now: ${publicTitle({ severity: event.to })}.`);
        case 'incident.mitigated':
          return said('A fix is in place. We go on watching.');
        case 'incident.resolved':
          return said(event.publicText ?? 'Resolved.');
        case 'incident.reopened':
          return said('The problem is back. We are looking into it.');
        case 'incident.acknowledged':
        case 'incident.assigned':
        case 'incident.noted':
        case 'beginning.found':
        case 'cause.named':
        case 'impact.stated':
        case 'action.added':
        case 'run.linked':
        case 'evidence.kept':
        case 'people.told':
        case 'postmortem.written':
          return [];
      }
    })
    .map(({ at, text }) => ({ at, text: masked(text, incident) }))
    .toSorted((a, b) => a.at - b.at);
}

/** How far it is, in the words of a status page. */
export function publicState({
  incident,
  mitigatedAt,
  cause,
}: Standing): 'investigating' | 'identified' | 'mitigated' | 'resolved' {
  if (incident.state === 'resolved') return 'resolved';
  if (mitigatedAt !== undefined) return 'mitigated';
  return cause === undefined ? 'investigating' : 'identified';
}

/** Causes that a diagnosis names, as customers understand them. */
const causes: Readonly<Record<string, string>> = {
  'slow-query': 'A query to our database had become slow.',
  'cpu-saturated': 'Our servers had too little computing capacity for the load.',
  'memory-pressure': 'Our servers ran short of memory.',
  'connection-pool-exhausted': 'Our servers had used up their connections to the database.',
  'pool-exhausted-not-database': 'Our servers had used up their connections to the database.',
  'too-many-connections': 'Our database had reached the number of connections that it can hold.',
  's3-slow': 'Our file storage answered slowly.',
  'cache-cold': 'A cache had lost its content, which put load on the database.',
  'downstream-dependency': 'A service that we depend on answered slowly.',
  'network-az': 'A part of our provider\u2019s network was disturbed.',
  'traffic-surge': 'There were many more requests than usual.',
  'bad-deploy': 'A new version of our software had a defect.',
  'crash-loop': 'A new version of our software had a defect.',
  transient: 'A short disturbance, which passed by itself.',
  'writer-unreachable': 'Our database could not be reached.',
  'read-only-writer': 'Our database accepted no changes.',
  'database-credentials': 'Our servers were refused by the database.',
  'security-group-changed': 'A change of our network\u2019s rules cut off the database.',
};

export interface PublicCause {
  readonly text: string;
  readonly confirmed: boolean;
}

/** In general words, by the kind of cause that a run named; what people wrote of it is for the team. */
export function publicCause({ runs, cause, incident }: Standing): PublicCause {
  // Somebody may have found another one than the runs did.
  const named = runs
    .map((run) => run.causes[0])
    .findLast((each) => each !== undefined && each.summary === cause?.summary);
  const known = named === undefined ? undefined : causes[named.cause];
  const confirmed = cause?.confirmed === true;
  if (known !== undefined) return { text: known, confirmed };
  if (confirmed) return { text: 'We know the cause.', confirmed };
  return {
    text:
      incident.state === 'resolved' ? 'We are still finding out what caused it.' : 'We are finding out what causes it.',
    confirmed,
  };
}

/** Figures alone. What was not measured is not told as nothing. */
export function publicImpact({ users, usersShare, failedShare, dataLoss, usersBasis }: Impact): readonly string[] {
  const percent = (share: number): string => `${share < 0.01 ? 'less than 1' : Math.round(share * 100)} %`;
  const lost = dataLoss.filter(({ lossMs }) => lossMs !== null && lossMs > 0);
  const isKnown = dataLoss.length > 0 && dataLoss.every(({ lossMs }) => lossMs !== null);
  return [
    users === null
      ? 'How many users were affected is not measured.'
      : `About ${users} users were affected${usersShare === null ? '' : ` (${percent(usersShare)} of those who are active)`}${usersBasis === 'stated' ? '' : ', by our estimate'}.`,
    ...(failedShare === null
      ? []
      : [failedShare === 0 ? 'No request failed.' : `${percent(failedShare)} of requests failed while it lasted.`]),
    ...(isKnown ? [lost.length === 0 ? 'No data was lost.' : 'The newest changes of some data were lost.'] : []),
  ];
}

/** What was done, in general words, by the kind of change that a run made. */
export function publicResolution({ runs, incident }: Standing): string {
  const operations = new Set(
    runs.flatMap(({ changes, helped }) =>
      helped === false ? [] : changes.filter(({ status }) => status === 'applied').map(({ operation }) => operation),
    ),
  );
  const words = [...new Set([...operations].flatMap((operation) => deeds[operation] ?? []))];
  const last = incident.events.findLast((event) => event.type === 'incident.resolved');
  const said = last?.type === 'incident.resolved' ? last.publicText : undefined;
  const parts = [...words, ...(said === undefined ? [] : [masked(said, incident)])];
  if (parts.length > 0) return parts.join(' ');
  return incident.state === 'resolved' ? 'It is resolved.' : 'It is not resolved yet.';
}

const deeds: Readonly<Record<string, string>> = {
  'ecs:UpdateService': 'We changed how our servers run.',
  'ecs:StopServiceDeployment': 'We went back to the version before.',
  'application-autoscaling:RegisterScalableTarget': 'We added capacity.',
  'rds:FailoverDBCluster': 'We moved to another instance of our database.',
  'rds:RestoreDBClusterToPointInTime': 'We restored our database from a backup.',
  'rds:SwitchoverGlobalCluster': 'We moved to another region.',
  'rds:FailoverGlobalCluster': 'We moved to another region.',
  'route53:ChangeResourceRecordSets': 'We moved traffic.',
};
