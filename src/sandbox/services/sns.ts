/** Simulated SNS: topics and who subscribed to them, as they were given. Nothing is sent. Amazon SNS API Reference. */
import {
  CreateTopic$,
  DeleteTopic$,
  GetTopicAttributes$,
  ListSubscriptionsByTopic$,
  ListTagsForResource$,
  SetTopicAttributes$,
  Subscribe$,
  Unsubscribe$,
  type CreateTopicInput,
  type CreateTopicResponse,
  type DeleteTopicInput,
  type GetTopicAttributesInput,
  type GetTopicAttributesResponse,
  type ListSubscriptionsByTopicInput,
  type ListSubscriptionsByTopicResponse,
  type ListTagsForResourceRequest,
  type ListTagsForResourceResponse,
  type SetTopicAttributesInput,
  type SubscribeInput,
  type SubscribeResponse,
  type UnsubscribeInput,
} from '@aws-sdk/client-sns';
import { uuid } from '../world/build-inventory.ts';
import { tagList, tagsOf, watchersIn, withWatcher, type StoredTopic } from '../world/watchers.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { operation, pageOf } from './operation.ts';

const perPage = 100;

export function snsService(world: World): SimulatedService {
  const topics = ({ region }: CallContext) => watchersIn(world.inventory, region).topics;
  const nameIn = (arn: string | undefined): string => arn?.split(':')[5] ?? '';
  const topicAt = (arn: string | undefined, call: CallContext): StoredTopic => {
    const topic = topics(call)[nameIn(arn)];
    if (topic === undefined || arn !== arnOf(world, call, nameIn(arn))) {
      throw new ServiceFault('NotFound', 'Topic does not exist', 404);
    }
    return topic;
  };
  const keep = (call: CallContext, name: string, detail: string, topic: StoredTopic | undefined): void =>
    world.change({ operation: `sns:${call.operation}`, region: call.region, resource: name, detail }, (inventory) =>
      withWatcher(inventory, call.region, 'topics', name, topic),
    );
  return {
    service: 'sns',
    signingName: 'sns',
    protocol: 'query',
    xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    operations: [
      operation<CreateTopicInput, CreateTopicResponse>(CreateTopic$, (input, call) => {
        const { Name: name = '', Attributes = {}, Tags } = input;
        const TopicArn = arnOf(world, call, name);
        // One that is there is given as it is.
        if (topics(call)[name] === undefined) {
          keep(call, name, 'new', { attributes: Attributes, tags: tagsOf(Tags), subscriptions: [] });
        }
        return { TopicArn };
      }),
      operation<SetTopicAttributesInput, object>(SetTopicAttributes$, (input, call) => {
        const topic = topicAt(input.TopicArn, call);
        const { AttributeName: attribute = '', AttributeValue: value = '' } = input;
        keep(call, nameIn(input.TopicArn), attribute, {
          ...topic,
          attributes: { ...topic.attributes, [attribute]: value },
        });
        return {};
      }),
      operation<GetTopicAttributesInput, GetTopicAttributesResponse>(GetTopicAttributes$, (input, call) => {
        const { attributes, subscriptions } = topicAt(input.TopicArn, call);
        const confirmed = subscriptions.filter(({ protocol }) => isConfirmed(protocol)).length;
        return {
          Attributes: {
            ...attributes,
            TopicArn: input.TopicArn ?? '',
            Owner: world.inventory.names.account,
            SubscriptionsConfirmed: String(confirmed),
            SubscriptionsPending: String(subscriptions.length - confirmed),
          },
        };
      }),
      operation<DeleteTopicInput, object>(DeleteTopic$, (input, call) => {
        if (topics(call)[nameIn(input.TopicArn)] !== undefined) keep(call, nameIn(input.TopicArn), 'gone', undefined);
        return {};
      }),
      operation<SubscribeInput, SubscribeResponse>(Subscribe$, (input, call) => {
        const topic = topicAt(input.TopicArn, call);
        const { Protocol: protocol = '', Endpoint: endpoint = '' } = input;
        const known = topic.subscriptions.find((each) => each.protocol === protocol && each.endpoint === endpoint);
        const id = known?.id ?? uuid(world.inventory.seed, `${input.TopicArn} ${protocol} ${endpoint}`);
        if (known === undefined) {
          keep(call, nameIn(input.TopicArn), `${protocol} subscribed`, {
            ...topic,
            subscriptions: [...topic.subscriptions, { id, protocol, endpoint }],
          });
        }
        return { SubscriptionArn: `${input.TopicArn}:${id}` };
      }),
      operation<UnsubscribeInput, object>(Unsubscribe$, (input, call) => {
        const arn = input.SubscriptionArn ?? '';
        const at = arn.lastIndexOf(':');
        const topicName = nameIn(arn);
        const topic = topics(call)[topicName];
        const rest = topic?.subscriptions.filter(({ id }) => id !== arn.slice(at + 1));
        if (topic === undefined || rest?.length === topic.subscriptions.length) {
          throw new ServiceFault('NotFound', 'Subscription does not exist', 404);
        }
        keep(call, topicName, 'unsubscribed', { ...topic, subscriptions: rest ?? [] });
        return {};
      }),
      operation<ListSubscriptionsByTopicInput, ListSubscriptionsByTopicResponse>(
        ListSubscriptionsByTopic$,
        (input, call) => {
          const { subscriptions } = topicAt(input.TopicArn, call);
          const page = pageOf(subscriptions, perPage, input.NextToken);
          if (page === undefined) throw new ServiceFault('InvalidParameter', 'Invalid parameter: nextToken');
          return {
            Subscriptions: page.items.map(({ id, protocol, endpoint }) => ({
              TopicArn: input.TopicArn,
              Protocol: protocol,
              Endpoint: endpoint,
              Owner: world.inventory.names.account,
              SubscriptionArn: isConfirmed(protocol) ? `${input.TopicArn}:${id}` : 'PendingConfirmation',
            })),
            ...(page.next !== undefined && { NextToken: page.next }),
          };
        },
      ),
      operation<ListTagsForResourceRequest, ListTagsForResourceResponse>(ListTagsForResource$, (input, call) => ({
        Tags: tagList(topicAt(input.ResourceArn, call).tags),
      })),
    ],
  };
}

/** Whoever gets mails has to agree first, and here nobody does. */
function isConfirmed(protocol: string): boolean {
  return !protocol.startsWith('email');
}

function arnOf(world: World, { region }: CallContext, name: string): string {
  return `arn:aws:sns:${region}:${world.inventory.names.account}:${name}`;
}
