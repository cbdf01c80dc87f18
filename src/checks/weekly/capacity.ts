/**
 * Are we trending towards limits? The scaling trigger of the plan is a share of use that is reached sustainably: there
 * already is a breach, within 30 days a warning.
 */
import { check } from '../check.ts';
import { listed, notConfigured, type Judged } from '../judged.ts';
import { amount, limitTexts, type Limit } from '../limits.ts';
import { capacitySeen } from './capacity-observations.ts';
import {
  capacityOf,
  inDays,
  statusOfResource,
  statusOfUsers,
  type Capacity,
  type Resource,
} from './capacity-picture.ts';
import { planText, useText } from './capacity-text.ts';

const soonDays = 30;

export const weeklyCapacity = check('weekly-capacity', {
  title: 'Capacity',
  area: 'compute',
  severity: 'warning',
  window: '35d',
  needs: capacitySeen,
  judge: (seen, told, limit) => judgeCapacity(capacityOf(seen, told), limit),
});

const nextStep = 'nanoops capacity forecast';

function judgeCapacity(capacity: Capacity, limit: Limit): Judged {
  const { users, resources, threshold } = capacity;
  const soonMs = inDays(soonDays);
  const judged = resources.map((resource) => ({ resource, status: statusOfResource(resource, capacity, soonMs) }));
  const those = (status: string) => judged.filter((each) => each.status === status).map(({ resource }) => resource);
  const planned = statusOfUsers(capacity, soonMs);
  const statuses = [...judged.map(({ status }) => status), planned];
  const plan = users.state === 'told' ? [planText(users.outlook, capacity.span)] : [];
  if (statuses.every((status) => status === 'not-configured')) {
    return notConfigured('compute, database, cache and business.namespace are not configured');
  }
  const has = (status: string): boolean => statuses.some((each) => each === status);
  const status = has('breach') ? 'breach' : has('warning') ? 'warning' : has('unknown') ? 'unknown' : 'ok';
  const [reached, coming, blind] = [those('breach'), those('warning'), those('unknown')];
  const unclear = [
    ...reasons(blind).map(([reason, titles]) => `${listed(titles)}: ${reason}`),
    ...(planned === 'unknown' && users.state !== 'told' ? [`daily active users: ${users.reason}`] : []),
  ];
  const found = [
    ...[...reached, ...coming].map((resource) => `${resource.title}: ${wordsOf(resource, capacity)}`),
    ...(reached.length + coming.length === 0 && !has('unknown') && those('ok').length > 0
      ? [`no resource reaches ${amount(threshold, 'percent')} within ${soonDays} days`]
      : []),
    ...(unclear.length === 0 ? [] : [`not known: ${unclear.join('; ')}`]),
    ...plan,
  ];
  const highest = highestOf(resources);
  return {
    status,
    summary: found.join('. '),
    ...limitTexts(limit),
    ...(highest === undefined ? {} : { observed: highest }),
    ...(status === 'ok'
      ? {}
      : { nextStep: reached.length + coming.length > 0 ? nextStep : (whatToDo(capacity) ?? nextStep) }),
    evidence: [...users.evidence, ...resources.flatMap(({ outlined }) => outlined.evidence)],
  };
}

/** Why they cannot be told, each reason once, and of which. */
function reasons(blind: readonly Resource[]): readonly (readonly [string, readonly string[]])[] {
  const titles = new Map<string, string[]>();
  for (const { title, outlined } of blind) {
    const reason = outlined.state === 'told' ? (outlined.use.gap ?? '') : outlined.reason;
    titles.set(reason, [...(titles.get(reason) ?? []), title]);
  }
  return [...titles];
}

function wordsOf({ outlined }: Resource, { span, threshold }: Capacity): string {
  return outlined.state === 'told' ? useText(outlined.use, span, threshold) : outlined.reason;
}

/** What could not be seen says itself what to do about it. */
function whatToDo({ users, resources }: Capacity): string | undefined {
  const all = [users, ...resources.map(({ outlined }) => outlined)];
  return all.flatMap((each) => (each.state === 'told' || each.nextStep === undefined ? [] : [each.nextStep]))[0];
}

/** The resource that is used most. */
function highestOf(resources: readonly Resource[]): Judged['observed'] {
  const levels = resources.flatMap(({ outlined }) =>
    outlined.state === 'told' && outlined.use.level !== undefined
      ? [{ level: outlined.use.level, recent: outlined.use.days.map(({ value }) => value) }]
      : [],
  );
  const highest = levels.toSorted((a, b) => b.level - a.level)[0];
  return highest && { value: highest.level, unit: '%', window: '7d', recent: highest.recent };
}
