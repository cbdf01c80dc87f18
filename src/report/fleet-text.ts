/** The words for a report on many services, the same on a terminal and on a page. */
import type { FleetDocument } from './schemas.ts';
import { groupsOf, isBlank, isOpen, lookOf, tallyOf, worstFirst, type ReportCheck } from './report-text.ts';
import { counted, type Headline } from './wording.ts';

export type FleetService = FleetDocument['services'][number];

const looks = {
  failed: { mark: '✗', tone: 'bad', word: 'failed' },
  attention: { mark: '!', tone: 'bad', word: 'attention' },
  unknown: { mark: '?', tone: 'doubt', word: 'unknown' },
  blank: { mark: '–', tone: 'doubt', word: 'nothing configured' },
  ok: { mark: '✓', tone: 'good', word: 'ok' },
} as const;

/** Its verdict; or that nothing of it was measured, which is no good news. */
function stateOf({ verdict, checks = [] }: FleetService): keyof typeof looks {
  return verdict === 'ok' && isBlank(checks) ? 'blank' : verdict;
}

export function serviceLook(service: FleetService): (typeof looks)[keyof typeof looks] {
  return looks[stateOf(service)];
}

/** `orders, prod`, or the file where it could not be read. */
export function serviceName({ id, service, environment }: FleetService): string {
  return service === undefined ? id : `${service}, ${environment ?? ''}`;
}

/** The worst first; among equals in the order of their files. */
export function inOrder(services: readonly FleetService[]): readonly FleetService[] {
  const states = services.map((service) => stateOf(service));
  const order = Object.keys(looks);
  return order.flatMap((wanted) => services.filter((_service, index) => states[index] === wanted));
}

export function fleetHeadline({ services, verdict }: FleetDocument): Headline {
  const states = services.map((service) => stateOf(service));
  const count = (wanted: keyof typeof looks): number => states.filter((state) => state === wanted).length;
  const parts = [
    count('failed') > 0 ? `${counted(count('failed'), 'service')} could not be looked at` : '',
    count('attention') > 0
      ? `${counted(count('attention'), 'service')} ${count('attention') === 1 ? 'needs' : 'need'} attention`
      : '',
    count('unknown') > 0 ? `of ${counted(count('unknown'), 'service')} not everything could be seen` : '',
    count('blank') > 0 ? `of ${counted(count('blank'), 'service')} nothing is configured that could be looked at` : '',
    count('ok') > 0 ? `${counted(count('ok'), 'service')} ${count('ok') === 1 ? 'is' : 'are'} well` : '',
  ].filter((part) => part !== '');
  const tone = { ok: count('ok') > 0 ? 'good' : 'doubt', attention: 'bad', failed: 'bad', unknown: 'doubt' } as const;
  return { tone: tone[verdict], text: parts.join('; ') };
}

/** What is to be said of a service, the worst first: what failed, or what is open. */
export function openChecks({ checks = [] }: FleetService): readonly ReportCheck[] {
  return worstFirst(groupsOf(checks).flatMap((group) => group.checks.filter(isOpen)));
}

export function serviceTally({ checks, error }: FleetService): string {
  return error === undefined ? tallyOf(checks ?? []) : error.message;
}

export function checkLine(check: ReportCheck): string {
  return `${lookOf(check).mark} ${check.title}: ${check.summary}`;
}
