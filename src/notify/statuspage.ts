/**
 * Tells customers by an Atlassian Statuspage (https://developer.statuspage.io/#tag/incidents): an incident of the page, its
 * updates, and the states of its components. Only what was said for the public goes there, and never a title, a name or an id
 * of ours but in the incident's metadata, which is not shown. By it a later process finds the incident again, and sees what was
 * said already, so that nothing is said twice.
 */
import type { Delivery, NotifiedIncident, Notification } from '../cloud/notifier.ts';
import { createCaller, type Answered, type CallerTools } from './caller.ts';
import { cutTo } from './lengths.ts';
import type { Receiver } from './receiver.ts';

export interface StatuspageOptions extends CallerTools {
  /** Of the API: `https://api.statuspage.io`. */
  readonly url: string;
  readonly pageId: string;
  /** Of a user who may manage incidents of the page. */
  readonly apiKey: string;
  /** The ids of the components that an incident touches. */
  readonly components: readonly string[];
  /** What the page says of it; null where it says nothing. */
  readonly statusPage: (notification: Notification) => string | null;
}

/** How what the page says is put in Statuspage's own words: a component's state, and an incident's impact. */
const states: Readonly<Record<string, { readonly component?: string; readonly impact: string }>> = {
  'Major Outage': { component: 'major_outage', impact: 'critical' },
  'Partial Outage': { component: 'partial_outage', impact: 'major' },
  'Degraded Performance': { component: 'degraded_performance', impact: 'minor' },
  // Somebody looks into it: nothing is known yet to be worse than usual.
  Investigating: { impact: 'none' },
};

/** The incidents that are looked through for one of ours: the newest, and then all that are not resolved. */
const newest = 100;
/** A hundred incidents with all their updates. */
const longestListBytes = 8 * 1024 * 1024;
/** Far more than people read; the documentation names no limit. */
const longestBody = 20_000;
/** So many keys are remembered in the metadata: enough to know again what may still be sent a second time. */
const mostTold = 20;

/** An incident of the page, as far as it is ours. */
interface Found {
  readonly id: string;
  /** The keys of what was said already, newest last. */
  readonly told: readonly string[];
}

type Lookup = { readonly found: Found | undefined } | { readonly delivery: Delivery };

export function createStatuspage(options: StatuspageOptions): Receiver {
  const { url, pageId, apiKey, components, statusPage, ...tools } = options;
  const base = `${url.replace(/\/+$/, '')}/v1/pages/${pageId}`;
  const headers = { authorization: `OAuth ${apiKey}` };
  const naming = { receiver: 'statuspage', subject: 'Statuspage', setting: 'notify.statuspage.url', hidden: [apiKey] };
  const caller = createCaller({ ...naming, ...tools });
  // What may have been written is looked for before it is written again.
  const writer = createCaller({ ...naming, knowsAgain: false, ...tools });

  const get = (path: string, signal: AbortSignal): Promise<Answered> =>
    caller.send(
      () => ({ url: new URL(`${base}${path}`), method: 'GET', headers, mostBytes: longestListBytes }),
      signal,
    );

  async function lookUp(incidentId: string, signal: AbortSignal): Promise<Lookup> {
    for (const path of [`/incidents?limit=${newest}&page=1`, '/incidents/unresolved']) {
      const answered = await get(path, signal);
      if (answered.kind !== 'taken') return { delivery: caller.delivery(answered) };
      const listed = listIn(answered.body);
      if (listed === undefined) {
        return { delivery: later(caller.refused('Statuspage answered with what is no list of incidents')) };
      }
      const found = listed.flatMap((each) => ours(each, incidentId) ?? [])[0];
      if (found !== undefined) return { found };
      if (listed.length < newest) return { found: undefined };
    }
    return { found: undefined };
  }

  async function write(found: Found | undefined, incident: object, signal: AbortSignal): Promise<Answered> {
    const address = new URL(found === undefined ? `${base}/incidents` : `${base}/incidents/${found.id}`);
    const body = JSON.stringify({ incident });
    const method = found === undefined ? 'POST' : 'PATCH';
    return writer.send(() => ({ url: address, method, headers, body }), signal);
  }

  async function tell(notification: Notification, incident: NotifiedIncident, signal: AbortSignal): Promise<Delivery> {
    for (let isSecond = false; ; isSecond = true) {
      const lookup = await lookUp(incident.id, signal);
      if ('delivery' in lookup) return lookup.delivery;
      const { found } = lookup;
      if (found?.told.includes(notification.key) === true) return caller.delivered('the page says it already');
      const state = statusPage(notification);
      if (found === undefined && (state === null || incident.change === 'resolved'))
        return skipped('the page says nothing of it');
      const words = wordsFor(notification, incident, { found, state, components });
      const answered = await write(found, words, signal);
      const delivery = caller.delivery(answered);
      if (answered.kind === 'taken') {
        return { ...delivery, detail: `${delivery.detail}; the page says ${sayingOf(incident, state)}` };
      }
      // What may have come is looked for once more; from then on a later process does.
      const isLost = answered.kind === 'failed' && answered.mayHaveCome;
      if (!isLost || isSecond || signal.aborted) return delivery;
    }
  }

  const skipped = (detail: string): Delivery => ({ ...caller.refused(detail), skipped: true });

  return {
    name: 'statuspage',
    async send(notification, signal) {
      const { incident } = notification;
      if (incident === undefined) return skipped('only incidents are told to customers');
      // What is over is said to be over also where nobody wrote a word about it.
      if (incident.publicText === undefined && incident.change !== 'resolved') {
        return skipped('nothing was said for customers: the page stays as it is');
      }
      return tell(notification, incident, signal);
    },
    /** A page is public, so a test only reads it. */
    async test(_notification, signal) {
      const answered = await get('/components', signal);
      if (answered.kind !== 'taken') return caller.delivery(answered);
      const ids = listIn(answered.body)?.map((each) => textOf(each, 'id'));
      if (ids === undefined) return caller.refused('Statuspage answered with what is no list of components');
      const strange = components.filter((id) => !ids.includes(id));
      if (strange.length > 0) return caller.refused(`the page has no component ${strange.join(', ')}`);
      return caller.delivered('the page can be read with this key; it is public, so a test says nothing there');
    },
  };
}

interface Saying {
  readonly found: Found | undefined;
  readonly state: string | null;
  readonly components: readonly string[];
}

function wordsFor({ key }: Notification, incident: NotifiedIncident, { found, state, components }: Saying): object {
  const { id, publicText, change } = incident;
  const known = states[state ?? ''];
  const component = change === 'resolved' ? 'operational' : known?.component;
  const told = [...(found?.told ?? []), key].slice(-mostTold);
  return {
    ...(found === undefined ? { name: state } : {}),
    ...statusFor(change, found),
    ...(known === undefined || change === 'resolved' ? {} : { impact_override: known.impact }),
    ...(publicText === undefined ? {} : { body: cutTo(longestBody, publicText) }),
    ...(components.length === 0 ? {} : { component_ids: components }),
    ...(components.length === 0 || component === undefined
      ? {}
      : { components: Object.fromEntries(components.map((each) => [each, component])) }),
    metadata: { nanoops: { incident: id, told } },
  };
}

/** What is opened again was resolved there; otherwise the page's own status is left as people set it. */
function statusFor(change: NotifiedIncident['change'], found: Found | undefined): { readonly status?: string } {
  if (change === 'resolved') return { status: 'resolved' };
  return found === undefined || change === 'opened' ? { status: 'investigating' } : {};
}

function sayingOf({ change }: NotifiedIncident, state: string | null): string {
  return `"${change === 'resolved' ? 'Resolved' : (state ?? 'Update')}"`;
}

function later(delivery: Delivery): Delivery {
  return { ...delivery, mayBeTakenLater: true };
}

/** The incident where it is the one that was opened here for `incidentId`. */
function ours(value: unknown, incidentId: string): Found | undefined {
  const id = textOf(value, 'id');
  const own = memberOf(memberOf(value, 'metadata'), 'nanoops');
  // An id becomes part of an address.
  if (id === undefined || !/^[a-z0-9]{1,40}$/.test(id) || memberOf(own, 'incident') !== incidentId) return undefined;
  const told = memberOf(own, 'told');
  return { id, told: Array.isArray(told) ? told.filter((each) => typeof each === 'string') : [] };
}

function listIn(body: string | undefined): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(body ?? '');
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined; // No JSON: whoever asked says so.
  }
}

function textOf(value: unknown, name: string): string | undefined {
  const member = memberOf(value, name);
  return typeof member === 'string' ? member : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
