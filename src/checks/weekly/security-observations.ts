/** What is looked at for suspicious access: in both regions, and in the one in which global services are recorded. */
import { settled } from '../../engine/step.ts';
import { dayMs, observe, windowOf, type CheckSettings } from '../kit.ts';
import { span } from '../judged.ts';
import type { AccessLog } from '../../cloud/security-facts.ts';
import type { LogGroupRef } from '../../cloud/stack.ts';

/** GuardDuty's findings and CloudTrail's events of a week. */
export const weekMs = 7 * dayMs;

/** IAM's calls and most console logins are recorded there; of the commercial partition only. */
export const globalRegion = 'us-east-1';

type Halves = Pick<CheckSettings, 'site' | 'standby'>;

/** The log group that a trail is delivered to, where it is in a region that is looked at. */
export function trailOf({ site, standby }: Halves): LogGroupRef | undefined {
  return site.logs?.trail ?? standby?.logs?.trail;
}

/** Every region that is looked at, each once. */
export function regionsOf({ site, standby }: Halves): readonly string[] {
  return [site.region, ...(standby === undefined ? [] : [standby.region])];
}

const noStandby = 'there is no other region, or only one is looked at';

const threatsOf = (half: 'site' | 'standby') =>
  observe(`threats-${half}`, {
    title: `Threats, last 7 days (${half === 'site' ? 'this region' : 'the other region'})`,
    calls: ['guardduty:ListDetectors', 'guardduty:GetDetector', 'guardduty:ListFindings', 'guardduty:GetFindings'],
    skip: (_needs, settings) => (settings[half] === undefined ? noStandby : undefined),
    run: (_needs, { ports, settings }) =>
      ports.facts.threats(settings[half]?.region ?? settings.site.region, windowOf(settings, weekMs)),
    detail: ({ detectors, findings }) =>
      detectors.length === 0 ? 'nothing looks for them' : `${findings.length} findings`,
  });

const trailLog = observe('trail-log', {
  title: 'Access by the trail\u2019s log group, last 7 days',
  calls: ['logs:FilterLogEvents'],
  skip: (_needs, settings) => (trailOf(settings) === undefined ? 'logs.trail is not configured' : undefined),
  run: (_needs, { ports, settings }) => {
    const group = trailOf(settings);
    if (group === undefined) throw new TypeError('there is no log group of a trail');
    return ports.facts.trailLog(group, windowOf(settings, weekMs));
  },
  detail: (log) => accessText(log),
});

const insteadOfHistory = 'logs.trail is read instead';

const historyOf = (half: 'site' | 'standby') =>
  observe(`event-history-${half}`, {
    title: `Access by CloudTrail\u2019s event history, last 7 days (${half === 'site' ? 'this region' : 'the other region'})`,
    calls: ['cloudtrail:LookupEvents'],
    skip: (_needs, settings) => {
      if (trailOf(settings) !== undefined) return insteadOfHistory;
      return settings[half] === undefined ? noStandby : undefined;
    },
    run: (_needs, { ports, settings }) =>
      ports.facts.recentAccess(settings[half]?.region ?? settings.site.region, windowOf(settings, weekMs)),
    detail: (log) => accessText(log),
  });

const historyOfGlobal = observe('event-history-global', {
  title: 'Access by CloudTrail\u2019s event history, last 7 days (global services)',
  calls: ['cloudtrail:LookupEvents'],
  skip: (_needs, settings) => {
    if (trailOf(settings) !== undefined) return insteadOfHistory;
    if (regionsOf(settings).includes(globalRegion)) return `${globalRegion} is looked at already`;
    return /^(?:cn|us-gov)-/.test(settings.site.region) ? `${globalRegion} is of another partition` : undefined;
  },
  run: (_needs, { ports, settings }) => ports.facts.globalAccess(settings.site.region, windowOf(settings, weekMs)),
  detail: (log) => accessText(log),
});

const serviceIssues = observe('service-issues', {
  title: 'What AWS has trouble with',
  calls: ['health:DescribeEvents'],
  run: async (_needs, { ports, settings }) =>
    (await ports.facts.serviceIssues(settings.site.region, regionsOf(settings))) ?? null,
  detail: (found) => (found === null ? 'the support plan does not tell' : `${found.issues.length} open issues`),
});

/** Whose calls are nanoops’s own. */
const caller = observe('caller', {
  title: 'Who asks',
  calls: ['sts:GetCallerIdentity'],
  run: (_needs, { ports, settings }) => ports.facts.caller(settings.site.region),
  detail: ({ arn }) => arn,
});

function accessText({ events, coverage }: AccessLog): string {
  const read = coverage.reduce((sum, each) => sum + each.read, 0);
  return `${events.length} of ${read} events, over ${span(weekMs)}`;
}

export const accessSeen = {
  threatsHere: settled(threatsOf('site')),
  threatsThere: settled(threatsOf('standby')),
  trail: settled(trailLog),
  historyHere: settled(historyOf('site')),
  historyThere: settled(historyOf('standby')),
  historyGlobal: settled(historyOfGlobal),
  serviceIssues: settled(serviceIssues),
  caller: settled(caller),
} as const;
