/** EventBridge, as far as notifications need it, and the rules of the default bus, on which AWS's own events are. */
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type DeleteRuleCommandInput,
  type DescribeRuleCommandInput,
  type ListRulesCommandInput,
  type ListTagsForResourceCommandInput,
  type ListTargetsByRuleCommandInput,
  type PutEventsCommandInput,
  type PutRuleCommandInput,
  type PutTargetsCommandInput,
  type RemoveTargetsCommandInput,
} from '@aws-sdk/client-eventbridge';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectEventBridge(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('events', settings.region, new EventBridgeClient(settings));
  return {
    putEvents: (input: PutEventsCommandInput) =>
      send(new PutEventsCommand(input), { members: ['FailedEntryCount'], lists: ['Entries'] }),
    listRules: (input: ListRulesCommandInput) => send(new ListRulesCommand(input), { lists: ['Rules'] }),
    describeRule: (input: DescribeRuleCommandInput) => send(new DescribeRuleCommand(input), { members: ['Arn'] }),
    listTargetsByRule: (input: ListTargetsByRuleCommandInput) =>
      send(new ListTargetsByRuleCommand(input), { lists: ['Targets'] }),
    listTagsForResource: (input: ListTagsForResourceCommandInput) =>
      send(new ListTagsForResourceCommand(input), { lists: ['Tags'] }),
    putRule: (input: PutRuleCommandInput) => send(new PutRuleCommand(input), { members: ['RuleArn'] }),
    putTargets: (input: PutTargetsCommandInput) => send(new PutTargetsCommand(input)),
    removeTargets: (input: RemoveTargetsCommandInput) => send(new RemoveTargetsCommand(input)),
    deleteRule: (input: DeleteRuleCommandInput) => send(new DeleteRuleCommand(input)),
  };
}
