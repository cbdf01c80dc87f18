/**
 * A receiver of notifications: publishes them to an SNS topic. Its clients can do nothing else that changes anything.
 * Knows nothing of what is told, and of other receivers.
 */
import type { PublishCommandInput } from '@aws-sdk/client-sns';
import { createHash } from 'node:crypto';
import type { Delivery, Notification } from '../../cloud/notifier.ts';
import { createClients } from '../clients.ts';
import type { AwsOptions } from '../options.ts';
import { createWiring } from '../wiring.ts';
import { told } from './told.ts';

export interface SnsOptions extends Omit<AwsOptions, 'mode' | 'signal' | 'timeouts'> {
  /** `arn:aws:sns:<region>:<account>:<name>`; the topic is asked in its own region. */
  readonly topicArn: string;
}

export interface SnsReceiver {
  readonly name: 'sns';
  /**
   * Publishes it, with a second attempt where the first was not taken; one whose answer was lost is sent again to a FIFO topic only,
   * which knows it again for five minutes (Amazon SNS Developer Guide, "Message deduplication for FIFO topics"). Never rejects;
   * what was not taken resolves with `delivered: false` and the reason. When the signal aborts, it ends at once.
   */
  send(notification: Notification, signal?: AbortSignal): Promise<Delivery>;
  close(): void;
}

const timeouts = { connectMs: 2_000, requestMs: 5_000 };

/** A topic's default limit is 256 KiB with the attributes (Amazon SNS API Reference, Publish). */
const longestMessageBytes = 250_000;
/** "Less than 100 characters long" (the same page). */
const longestSubject = 99;
/** Of a FIFO topic's two ids, both of letters, digits and punctuation (the same page). */
const longestId = 128;

export function snsReceiver({ topicArn, ...aws }: SnsOptions): SnsReceiver {
  const wiring = createWiring({ ...aws, timeouts, mode: { changes: ['sns:Publish'] } });
  const clients = createClients(wiring, aws.roles);
  const region = topicArn.split(':')[3] ?? '';

  return {
    name: 'sns',
    async send(notification, signal) {
      if (region === '') {
        const detail = `${topicArn} is no ARN of a topic: it names no region`;
        return { receiver: 'sns', delivered: false, detail };
      }
      const input = messageOf(topicArn, notification);
      const publish = async () => `message ${(await (await clients.sns(region)).publish(input)).MessageId}`;
      const knowsAgain = topicArn.endsWith('.fifo');
      return told({ receiver: 'sns', subject: 'the topic', clock: wiring.clock, signal, knowsAgain }, publish);
    },
    close: wiring.close,
  };
}

function messageOf(topicArn: string, notification: Notification): PublishCommandInput {
  const { key, severity, title, text, service, environment, runId, incident } = notification;
  return {
    TopicArn: topicArn,
    Subject: subjectFrom(title),
    Message: cut(text),
    // By these, a subscription filters.
    MessageAttributes: {
      severity: { DataType: 'String', StringValue: severity },
      service: { DataType: 'String', StringValue: service },
      environment: { DataType: 'String', StringValue: environment },
    },
    // An incident's messages stay in order, and a run's.
    ...(topicArn.endsWith('.fifo')
      ? { MessageGroupId: idFrom(incident?.id ?? runId ?? key), MessageDeduplicationId: idFrom(key) }
      : {}),
  };
}

const plainer: Readonly<Record<string, string>> = {
  '…': '...',
  '–': '-',
  '—': '-',
  '→': '->',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '·': '-',
  '×': 'x',
};

/** Mail that is not told its encoding shows ASCII right, and older endpoints take nothing else. */
function subjectFrom(title: string): string {
  const ascii = title
    .replace(/[…–—→’‘“”·×]/g, (character) => plainer[character] ?? '?')
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^\u0020-\u007e]+/g, (others) => (/^[\p{C}\p{Z}]+$/u.test(others) ? ' ' : '?'))
    .replace(/ {2,}/g, ' ')
    .trim();
  const subject = ascii.length > longestSubject ? `${ascii.slice(0, longestSubject - 3).trimEnd()}...` : ascii;
  // An empty subject is refused.
  return subject === '' ? 'nanoops' : subject;
}

function cut(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= longestMessageBytes) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, longestMessageBytes), { stream: true })}…`;
}

/** The text itself where it may be an id; else what stands for it, always the same. */
function idFrom(text: string): string {
  const isId = text.length > 0 && text.length <= longestId && /^[\u0021-\u007e]+$/.test(text);
  return isId ? text : createHash('sha256').update(text).digest('hex');
}
