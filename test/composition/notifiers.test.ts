/** Who is told, as the configuration says, and what is said of those who are not. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configuredNotifier } from '../../src/composition/notifiers.ts';
import { receiverNames } from '../../src/composition/receivers.ts';
import type { Config } from '../../src/config/schema.ts';
import { parseConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/composition/system-clock.ts';
import { notification } from '../notify/stage.ts';
import { newFolder } from '../commands/operator.ts';
import { serve } from '../aws/local-server.ts';

let home = '';
beforeEach(async () => {
  home = await newFolder();
});

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

function configOf(notify: Record<string, unknown>): Config['notify'] {
  return parseConfig({ service: 'nano-api', regions: { primary: 'us-west-2' }, notify }, 'a test').notify;
}

function notifierOf(notify: Record<string, unknown>, env: Record<string, string> = {}, endpointUrl?: string) {
  const output = { write: () => undefined };
  return configuredNotifier({
    notify: configOf(notify),
    service: 'nano-api',
    environment: 'prod',
    io: {
      stdout: output,
      stderr: output,
      env: { XDG_STATE_HOME: home, ...env },
      cwd: '/',
      signal: new AbortController().signal,
    },
    clock: systemClock,
    random: () => 0.5,
    aws: {
      clock: systemClock,
      random: () => 0.5,
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      version: '0.0.0',
      ...(endpointUrl === undefined ? {} : { endpointUrl }),
    },
    region: 'us-west-2',
  });
}

async function listening(body = '') {
  const heard: string[] = [];
  const server = await serve((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    request.on('end', () => {
      heard.push(text);
      response.writeHead(200, { 'content-type': 'text/xml' });
      response.end(body);
    });
  });
  open.push(() => server.close());
  return { url: server.url, heard };
}

test('nobody is configured: nobody is told', async () => {
  expect(receiverNames(undefined)).toEqual([]);
  expect(await notifierOf({}).notify(notification)).toEqual([]);
});

test('a webhook is told, at the address that a variable holds', async () => {
  const { url, heard } = await listening();
  const notifier = notifierOf({ webhook: { url: '${env:HOOK}' } }, { HOOK: `${url}/hook` });
  expect(await notifier.notify(notification)).toMatchObject([{ receiver: 'webhook', delivered: true }]);
  expect(heard.map((text) => JSON.parse(text))).toMatchObject([{ title: notification.title }]);
});

test('SNS is told', async () => {
  const { url, heard } = await listening(
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m-1</MessageId></PublishResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>',
  );
  const sns = { topicArn: 'arn:aws:sns:us-west-2:123456789012:ops' };
  const told = await notifierOf({ sns }, {}, url).notify(notification);
  expect(told).toMatchObject([{ receiver: 'sns', delivered: true }]);
  expect(heard).toHaveLength(1);
  expect(heard[0]).toContain('Action=Publish');
});

describe('what cannot be told is told as that, and ends nothing', () => {
  test('a secret that is not there', async () => {
    const [delivery, ...more] = await notifierOf({ webhook: { url: '${env:HOOK}' } }).notify(notification);
    expect(more).toEqual([]);
    expect(delivery).toMatchObject({ receiver: 'webhook', delivered: false });
    expect(delivery?.detail).toContain('HOOK');
  });

  test('an address that is none', async () => {
    const told = await notifierOf({ webhook: { url: '${env:HOOK}' } }, { HOOK: 'not a url' }).notify(notification);
    expect(told).toMatchObject([{ receiver: 'webhook', delivered: false }]);
  });
});
