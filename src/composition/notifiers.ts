/** The notifier that the configuration asks for. Secrets are resolved when somebody is told first, and not before. */
import type { AwsOptions } from '../aws/options.ts';
import type { Delivery, Notification, Notifier } from '../cloud/notifier.ts';
import type { Config } from '../config/schema.ts';
import type { Clock, Random } from '../engine/clock.ts';
import type { Receiver } from '../notify/receiver.ts';
import { version } from '../version.ts';
import type { Io } from './io.ts';

export interface NotifierParts {
  readonly notify: Config['notify'];
  readonly io: Io;
  readonly clock: Clock;
  readonly random: Random;
  /** How AWS is reached, for SNS and for secrets that it keeps. */
  readonly aws: Omit<AwsOptions, 'mode' | 'signal' | 'timeouts'>;
  /** Where secrets are asked for that do not say it themselves. */
  readonly region: string;
}

/** The names under which receivers are configured, served or not. */
export function receiverNames(notify: Config['notify']): readonly string[] {
  return Object.entries(notify ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

/** Opens its receivers when it is used first. */
export function configuredNotifier(parts: NotifierParts): Notifier {
  let opened: Promise<Notifier> | undefined;
  return {
    async notify(notification) {
      opened ??= parts.clock.busy(() => open(parts));
      const unserved = receiverNames(parts.notify).filter((name) => !served.includes(name));
      const told = await (await opened).notify(notification);
      return [...told, ...unserved.map((receiver) => notServed(receiver))];
    },
  };
}

const served: readonly string[] = ['sns', 'webhook'];

function notServed(receiver: string): Delivery {
  return { receiver, delivered: false, detail: 'this version of nanoops cannot tell it yet' };
}

async function open(parts: NotifierParts): Promise<Notifier> {
  const { createNotifier } = await import('../notify/notifier.ts');
  const { sns, webhook } = parts.notify ?? {};
  const receivers: Receiver[] = [];
  if (sns !== undefined) {
    const { snsReceiver } = await import('../aws/notify/sns.ts');
    receivers.push(snsReceiver({ ...parts.aws, topicArn: sns.topicArn }));
  }
  if (webhook !== undefined) receivers.push(await tried('webhook', () => openWebhook(parts, webhook)));
  return createNotifier(receivers, { clock: parts.clock });
}

/** A receiver that cannot be opened is one that tells why, each time. */
async function tried(name: string, make: () => Promise<Receiver>): Promise<Receiver> {
  try {
    return await make();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      name,
      send: (_notification: Notification) => Promise.resolve({ receiver: name, delivered: false, detail }),
    };
  }
}

async function openWebhook(
  { io, clock, random, aws, region }: NotifierParts,
  { url, signingKey }: NonNullable<NonNullable<Config['notify']>['webhook']>,
): Promise<Receiver> {
  const [{ createWebhook }, { resolveSecretRef }, { resolveSecret }] = await Promise.all([
    import('../notify/webhook.ts'),
    import('../notify/secrets.ts'),
    import('../aws/secrets.ts'),
  ]);
  const secrets = {
    env: io.env,
    fromStore: (ref: Parameters<typeof resolveSecret>[0]) => resolveSecret(ref, { ...aws, region }),
  };
  const key = signingKey === undefined ? {} : { signingKey: await resolveSecretRef(signingKey, secrets) };
  return createWebhook({ url: await resolveSecretRef(url, secrets), ...key, clock, random, version });
}
