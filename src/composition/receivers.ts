/** Opens the receivers that the configuration names: each loaded, and its secrets resolved, when it is opened. */
import type { AwsOptions } from '../aws/options.ts';
import type { Notification } from '../cloud/notifier.ts';
import { receiverKeys } from '../config/schema/notify.ts';
import type { Config } from '../config/schema.ts';
import type { SecretRef } from '../config/secrets.ts';
import type { Clock, Random } from '../engine/clock.ts';
import type { CallerTools } from '../notify/caller.ts';
import type { Receiver } from '../notify/receiver.ts';
import { routeOf, type ReceiverName } from '../notify/routing.ts';
import { version } from '../version.ts';
import type { Io } from './io.ts';

export interface ReceiverParts {
  readonly notify: Config['notify'];
  readonly io: Io;
  readonly clock: Clock;
  readonly random: Random;
  /** How AWS is reached, for SNS, EventBridge and for secrets that it keeps. */
  readonly aws: Omit<AwsOptions, 'mode' | 'signal' | 'timeouts'>;
  /** Where secrets are asked for that do not say it themselves. */
  readonly region: string;
}

/** The names under which receivers are configured. */
export function receiverNames(notify: Config['notify']): readonly ReceiverName[] {
  return receiverKeys.filter((name) => notify?.[name] !== undefined);
}

/**
 * Undefined where it is not configured.
 *
 * @throws NanoopsError for a secret that is missing, or of the wrong form; CloudError where AWS does not give it.
 */
export async function openReceiver(parts: ReceiverParts, name: ReceiverName): Promise<Receiver | undefined> {
  const { clock, random, notify } = parts;
  if (notify === undefined) return undefined;
  return openers[name](notify, { ...parts, tools: { clock, random, version }, secret: secretsOf(parts) });
}

type Notify = NonNullable<Config['notify']>;

interface Opening extends Pick<ReceiverParts, 'aws'> {
  readonly tools: CallerTools;
  readonly secret: (ref: SecretRef) => Promise<string>;
}

type Opener = (notify: Notify, opening: Opening) => Promise<Receiver | undefined>;

const openers: Readonly<Record<ReceiverName, Opener>> = {
  async pagerduty({ pagerduty, routing }, { tools, secret }) {
    if (pagerduty === undefined) return undefined;
    const { url, routingKey, managerRoutingKey } = pagerduty;
    const { createPagerDuty } = await import('../notify/pagerduty.ts');
    const manager = managerRoutingKey === undefined ? {} : { managerRoutingKey: await secret(managerRoutingKey) };
    const page = pagedBy(routing);
    return createPagerDuty({ ...tools, url, routingKey: await secret(routingKey), ...manager, page });
  },
  async opsgenie({ opsgenie, routing }, { tools, secret }) {
    if (opsgenie === undefined) return undefined;
    const { url, region, apiKey, managerTeam } = opsgenie;
    const { createOpsgenie } = await import('../notify/opsgenie.ts');
    return createOpsgenie({
      ...tools,
      url: url ?? (region === 'eu' ? 'https://api.eu.opsgenie.com' : 'https://api.opsgenie.com'),
      apiKey: await secret(apiKey),
      ...(managerTeam === undefined ? {} : { managerTeam }),
      page: pagedBy(routing),
    });
  },
  async slack({ slack }, { tools, secret }) {
    if (slack === undefined) return undefined;
    const { createSlack } = await import('../notify/slack.ts');
    return createSlack({ ...tools, webhookUrl: await secret(slack.webhookUrl) });
  },
  async sns({ sns }, { aws }) {
    if (sns === undefined) return undefined;
    const { snsReceiver } = await import('../aws/notify/sns.ts');
    return snsReceiver({ ...aws, topicArn: sns.topicArn });
  },
  async statuspage({ statuspage, routing }, { tools, secret }) {
    if (statuspage === undefined) return undefined;
    const { apiKey, ...page } = statuspage;
    const { createStatuspage } = await import('../notify/statuspage.ts');
    const statusPage = (notification: Notification) => routeOf(notification, routing).statusPage;
    return createStatuspage({ ...tools, ...page, apiKey: await secret(apiKey), statusPage });
  },
  async eventbridge({ eventbridge }, { aws }) {
    if (eventbridge === undefined) return undefined;
    const { eventBridgeReceiver } = await import('../aws/notify/eventbridge.ts');
    return eventBridgeReceiver({ ...aws, ...eventbridge });
  },
  async webhook({ webhook }, { tools, secret }) {
    if (webhook === undefined) return undefined;
    const { url, signingKey } = webhook;
    const { createWebhook } = await import('../notify/webhook.ts');
    const key = signingKey === undefined ? {} : { signingKey: await secret(signingKey) };
    return createWebhook({ ...tools, url: await secret(url), ...key });
  },
};

function pagedBy(routing: Notify['routing']) {
  return (notification: Notification) => routeOf(notification, routing).page;
}

function secretsOf({ io, aws, region }: ReceiverParts): (ref: SecretRef) => Promise<string> {
  return async (ref) => {
    const [{ resolveSecretRef }, { resolveSecret }] = await Promise.all([
      import('../notify/secrets.ts'),
      import('../aws/secrets.ts'),
    ]);
    const fromStore = (stored: Parameters<typeof resolveSecret>[0]) => resolveSecret(stored, { ...aws, region });
    return resolveSecretRef(ref, { env: io.env, fromStore });
  };
}
