import { describe, expect, it } from 'vitest';
import { snsReceiver, type SnsOptions } from '../../../src/aws/notify/sns.ts';
import type { Notification } from '../../../src/cloud/notifier.ts';
import { fakeClock, fakeEndpoint, testCredentials, type Answer, type Asked } from '../fake-endpoint.ts';

const topicArn = 'arn:aws:sns:us-east-1:123456789012:nano-oncall';

const notification: Notification = {
  key: 'run-1/approve-failover/asked',
  severity: 'critical',
  title: 'nano: failover of nano-db waits for your approval',
  text: 'The writer has not answered for 5 min.\nType: nanoops approve run-1',
  service: 'nano',
  environment: 'prod',
  runId: '20261123-100030-abcd',
  runbook: 'database-failover',
  at: Date.UTC(2026, 10, 23, 10),
};

const taken: Answer = {
  headers: { 'content-type': 'text/xml' },
  body: '<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>',
};

const refused = (status: number, code: string, message: string): Answer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});

function topic(respond: (asked: Asked, count: number) => Answer | Promise<Answer>, more: Partial<SnsOptions> = {}) {
  const endpoint = fakeEndpoint(respond);
  const clock = fakeClock();
  const receiver = snsReceiver({
    topicArn,
    clock,
    random: () => 0.5,
    credentials: testCredentials,
    requestHandler: endpoint,
    ...more,
  });
  return { endpoint, receiver, clock };
}

function failing(code: string): never {
  throw Object.assign(new Error(`connection failed: ${code}`), { code });
}

const reset = (): never => failing('ECONNRESET');

async function subjectOf(title: string): Promise<unknown> {
  const { endpoint, receiver } = topic(() => taken);
  await receiver.send({ ...notification, title });
  return endpoint.asked[0]?.input['Subject'];
}

describe('a topic', () => {
  it('is told in its own region, in words and in what a subscription filters by', async () => {
    const { endpoint, receiver } = topic(() => taken);
    expect(await receiver.send(notification)).toEqual({
      receiver: 'sns',
      delivered: true,
      detail: 'the topic took it: message m-1',
    });
    expect(endpoint.asked.map(({ host }) => host)).toEqual(['sns.us-east-1.amazonaws.com']);
    expect(endpoint.asked[0]?.options).toMatchObject({ requestTimeout: 5_000 });
    expect(endpoint.asked[0]?.input).toEqual({
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: topicArn,
      Subject: 'nano: failover of nano-db waits for your approval',
      Message: notification.text,
      'MessageAttributes.entry.1.Name': 'severity',
      'MessageAttributes.entry.1.Value.DataType': 'String',
      'MessageAttributes.entry.1.Value.StringValue': 'critical',
      'MessageAttributes.entry.2.Name': 'service',
      'MessageAttributes.entry.2.Value.DataType': 'String',
      'MessageAttributes.entry.2.Value.StringValue': 'nano',
      'MessageAttributes.entry.3.Name': 'environment',
      'MessageAttributes.entry.3.Value.DataType': 'String',
      'MessageAttributes.entry.3.Value.StringValue': 'prod',
    });
  });

  it('that is first in, first out drops a second message of the same key, and keeps a run’s messages in order', async () => {
    const { endpoint, receiver } = topic(() => taken, { topicArn: `${topicArn}.fifo` });
    await receiver.send(notification);
    await receiver.send({ ...notification, key: `a key with spaces ${'x'.repeat(200)}` });
    const ids = endpoint.asked.map(({ input }) => [input['MessageGroupId'], input['MessageDeduplicationId']]);
    expect(ids).toEqual([
      [notification.runId, notification.key],
      [notification.runId, expect.stringMatching(/^[0-9a-f]{64}$/)],
    ]);
  });

  it.each([
    ['as it is', 'nano: p99 is 4.1 s', 'nano: p99 is 4.1 s'],
    ['on one line', 'nano\r\nBcc: everybody\t!', 'nano Bcc: everybody !'],
    ['without typography', '“nano’s” p99 — 4 s … → café', '"nano\'s" p99 - 4 s ... -> cafe'],
    ['without other letters', '数据库 down 🔥', '? down ?'],
    ['without controls', '\u001b[31mred\u0007', '[31mred'],
    ['though there is none', ' \n ', 'nanoops'],
  ])('gets a subject in ASCII: %s', async (_, title, subject) => {
    expect(await subjectOf(title)).toBe(subject);
  });

  it('gets no longer subject than SNS takes', async () => {
    const subject = String(await subjectOf('word '.repeat(40)));
    expect(subject.length).toBeLessThan(100);
    expect(subject).toMatch(/w\.\.\.$/);
    expect(await subjectOf('x'.repeat(99))).toBe('x'.repeat(99));
  });

  it('gets no longer message than SNS takes, and no half of a character', async () => {
    const { endpoint, receiver } = topic(() => taken);
    await receiver.send({ ...notification, text: '🔥'.repeat(100_000) });
    const message = String(endpoint.asked[0]?.input['Message']);
    expect(Buffer.byteLength(message)).toBeLessThan(262_144);
    expect(message).toMatch(/^(?:🔥)+…$/u);
  });
});

describe('a topic that does not take it', () => {
  it.each<[string, () => Answer]>([
    ['cannot be reached', () => failing('ECONNREFUSED')],
    ['is throttled', () => refused(400, 'Throttling', 'Rate exceeded')],
    ['answers 500', () => refused(500, 'InternalFailure', 'sorry')],
  ])('is told a second time when it %s', async (_, failure) => {
    const { endpoint, receiver, clock } = topic((_asked, count) => (count === 1 ? failure() : taken));
    expect(await receiver.send(notification)).toMatchObject({ delivered: true });
    expect(endpoint.asked).toHaveLength(2);
    expect(clock.slept).toEqual([500]);
  });

  it('is not told a third time, and the last reason is given', async () => {
    const { endpoint, receiver } = topic(() => failing('ECONNREFUSED'));
    const delivery = await receiver.send(notification);
    expect(endpoint.asked).toHaveLength(2);
    expect(delivery).toMatchObject({ receiver: 'sns', delivered: false });
    expect(delivery.detail).toContain('sns:Publish in us-east-1');
    expect(delivery.detail).toContain('ECONNREFUSED');
  });

  it('is not told again when its answer is lost, since it may have the message; and that is said', async () => {
    const { endpoint, receiver } = topic(reset);
    const delivery = await receiver.send(notification);
    expect(endpoint.asked).toHaveLength(1);
    expect(delivery).toMatchObject({ receiver: 'sns', delivered: false });
    expect(delivery.detail).toContain('ECONNRESET');
    expect(delivery.detail).toMatch(/; it may have come, and is not sent twice$/);
  });

  it('is told again when its answer is lost and it is a FIFO topic, which knows the message again', async () => {
    const { endpoint, receiver } = topic((_asked, count) => (count === 1 ? reset() : taken), {
      topicArn: 'arn:aws:sns:us-east-1:123456789012:ops.fifo',
    });
    expect(await receiver.send(notification)).toMatchObject({ delivered: true });
    const ids = endpoint.asked.map(({ input }) => input['MessageDeduplicationId']);
    expect(ids).toEqual([ids[0], ids[0]]);
    expect(ids[0]).toEqual(expect.any(String));
  });

  it.each([
    ['may not be published to', refused(403, 'AuthorizationError', 'User: arn:aws:iam::1:user/ann is not authorized')],
    ['is not there', refused(404, 'NotFound', 'Topic does not exist')],
    ['wants other credentials', refused(403, 'ExpiredToken', 'expired')],
  ])('is not told again when it %s', async (_, answer) => {
    const { endpoint, receiver } = topic(() => answer);
    expect(await receiver.send(notification)).toMatchObject({ delivered: false });
    expect(endpoint.asked).toHaveLength(1);
  });

  it('never rejects, not even over a defect, and quotes nothing that it does not know', async () => {
    const { receiver } = topic(() => {
      throw new TypeError('https://secret.example');
    });
    expect(await receiver.send(notification)).toEqual({
      receiver: 'sns',
      delivered: false,
      detail: 'nanoops itself failed to send it (TypeError)',
    });
  });

  it('whose ARN is none is said so', async () => {
    const { endpoint, receiver } = topic(() => taken, { topicArn: 'nano-oncall' });
    expect(await receiver.send(notification)).toMatchObject({ delivered: false });
    expect(endpoint.asked).toEqual([]);
  });

  it('is given up when the time is up, and not asked again', async () => {
    const stop = new AbortController();
    const { endpoint, receiver } = topic(async () => {
      stop.abort();
      return reset();
    });
    expect(await receiver.send(notification, stop.signal)).toMatchObject({
      delivered: false,
      detail: 'the topic did not take it in time: no answer; it may have come, and is not sent twice',
    });
    expect(endpoint.asked).toHaveLength(1);
  });
});
