import { expect, test } from 'vitest';
import { cloudOn, fakeEndpoint } from './fake-endpoint.ts';

const topic = 'arn:aws:sns:us-west-2:123456789012:nano-critical';

function listOf(arn: string): string {
  const members = [
    ['Protocol', 'email'],
    ['Endpoint', 'oncall@nano.example'],
    ['TopicArn', topic],
    ['Owner', '123456789012'],
    ['SubscriptionArn', arn],
  ]
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('');
  return `<ListSubscriptionsByTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ListSubscriptionsByTopicResult><Subscriptions><member>${members}</member></Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`;
}

test.each([
  ['waits for an answer', 'PendingConfirmation', { isPending: true }],
  ['was agreed to', `${topic}:1`, {}],
])('a subscription that %s is there', async (_words, arn, more) => {
  expect(await seen(arn)).toMatchObject({ kind: 'subscription', spec: { endpoint: 'oncall@nano.example' }, ...more });
});

test('a subscription that was ended is not there, though SNS lists it for a while', async () => {
  expect(await seen('Deleted')).toBeUndefined();
});

async function seen(arn: string) {
  const endpoint = fakeEndpoint(() => ({ headers: { 'content-type': 'text/xml' }, body: listOf(arn) }));
  const cloud = cloudOn(endpoint);
  try {
    return await cloud.facts.watcher(
      {
        kind: 'subscription',
        region: 'us-west-2',
        name: 'nano-critical email:oncall@nano.example',
        spec: { topic, protocol: 'email', endpoint: 'oncall@nano.example' },
      },
      '123456789012',
    );
  } finally {
    cloud.close();
  }
}
