/** SNS, as far as notifications need it, and the topics of alarms. */
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
  type CreateTopicCommandInput,
  type DeleteTopicCommandInput,
  type GetTopicAttributesCommandInput,
  type ListSubscriptionsByTopicCommandInput,
  type ListTagsForResourceCommandInput,
  type PublishCommandInput,
  type SetTopicAttributesCommandInput,
  type SubscribeCommandInput,
  type UnsubscribeCommandInput,
} from '@aws-sdk/client-sns';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectSns(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('sns', settings.region, new SNSClient(settings));
  return {
    publish: (input: PublishCommandInput) => send(new PublishCommand(input), { members: ['MessageId'] }),
    getTopicAttributes: (input: GetTopicAttributesCommandInput) =>
      send(new GetTopicAttributesCommand(input), { members: ['Attributes'] }),
    listSubscriptionsByTopic: (input: ListSubscriptionsByTopicCommandInput) =>
      send(new ListSubscriptionsByTopicCommand(input)),
    listTagsForResource: (input: ListTagsForResourceCommandInput) => send(new ListTagsForResourceCommand(input)),
    createTopic: (input: CreateTopicCommandInput) => send(new CreateTopicCommand(input), { members: ['TopicArn'] }),
    setTopicAttributes: (input: SetTopicAttributesCommandInput) => send(new SetTopicAttributesCommand(input)),
    deleteTopic: (input: DeleteTopicCommandInput) => send(new DeleteTopicCommand(input)),
    subscribe: (input: SubscribeCommandInput) => send(new SubscribeCommand(input), { members: ['SubscriptionArn'] }),
    unsubscribe: (input: UnsubscribeCommandInput) => send(new UnsubscribeCommand(input)),
  };
}
