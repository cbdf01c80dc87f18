/** The receivers of vendors, each beside its own server. */
import { createOpsgenie } from '../../src/notify/opsgenie.ts';
import { createPagerDuty } from '../../src/notify/pagerduty.ts';
import type { Receiver } from '../../src/notify/receiver.ts';
import { routeOf } from '../../src/notify/routing.ts';
import { createSlack } from '../../src/notify/slack.ts';
import { createStatuspage } from '../../src/notify/statuspage.ts';
import type { Notification } from '../../src/cloud/notifier.ts';
import { version } from '../../src/version.ts';
import type { SocketClock } from './stage.ts';
import { keys, opsgenie, pageId, pagerDuty, slack, statuspage } from './vendors.ts';

const page = (notification: Notification) => routeOf(notification).page;
const statusPage = (notification: Notification) => routeOf(notification).statusPage;

export const components = ['8kbf7d35c070', 'vtnh60py4yd7'] as const;

export function tools(clock: SocketClock) {
  return { clock, random: () => 0, version };
}

/** Each kind: a vendor, a receiver that leads to it, and how often its effect was had. */
export const kinds = {
  pagerduty: () => {
    const vendor = pagerDuty();
    const open = (url: string, clock: SocketClock): Receiver =>
      createPagerDuty({ ...tools(clock), url, routingKey: keys.pagerduty, page });
    return { vendor, open, effects: () => vendor.woken.length };
  },
  opsgenie: () => {
    const vendor = opsgenie();
    const open = (url: string, clock: SocketClock): Receiver =>
      createOpsgenie({ ...tools(clock), url, apiKey: keys.opsgenie, page });
    return { vendor, open, effects: () => vendor.open.size };
  },
  slack: () => {
    const vendor = slack();
    const open = (url: string, clock: SocketClock): Receiver =>
      createSlack({ ...tools(clock), webhookUrl: `${url}${keys.slackPath}` });
    return { vendor, open, effects: () => vendor.messages.length };
  },
  statuspage: () => {
    const vendor = statuspage(components);
    const open = (url: string, clock: SocketClock): Receiver =>
      createStatuspage({ ...tools(clock), url, pageId, apiKey: keys.statuspage, components, statusPage });
    return { vendor, open, effects: () => vendor.incidents.flatMap(({ bodies }) => bodies).length };
  },
} as const;
