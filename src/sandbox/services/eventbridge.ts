/** Simulated EventBridge: rules of the default bus and their targets, as they were given. No event comes. API Reference. */
import {
  DeleteRule$,
  DescribeRule$,
  ListRules$,
  ListTagsForResource$,
  ListTargetsByRule$,
  PutRule$,
  PutTargets$,
  RemoveTargets$,
  type DeleteRuleRequest,
  type DescribeRuleRequest,
  type DescribeRuleResponse,
  type ListRulesRequest,
  type ListRulesResponse,
  type ListTagsForResourceRequest,
  type ListTagsForResourceResponse,
  type ListTargetsByRuleRequest,
  type ListTargetsByRuleResponse,
  type PutRuleRequest,
  type PutRuleResponse,
  type PutTargetsRequest,
  type PutTargetsResponse,
  type RemoveTargetsRequest,
  type RemoveTargetsResponse,
} from '@aws-sdk/client-eventbridge';
import { tagList, tagsOf, watchersIn, withWatcher, type StoredRule } from '../world/watchers.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { operation, pageOf } from './operation.ts';

const perPage = 100;
const mostTargets = 5;

export function eventBridgeService(world: World): SimulatedService {
  const rules = ({ region }: CallContext) => watchersIn(world.inventory, region).rules;
  const ruleAt = (name: string | undefined, call: CallContext): StoredRule => {
    const rule = rules(call)[name ?? ''];
    if (rule !== undefined) return rule;
    throw new ServiceFault('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
  };
  const keep = (call: CallContext, name: string, detail: string, rule: StoredRule | undefined): void =>
    world.change({ operation: `events:${call.operation}`, region: call.region, resource: name, detail }, (inventory) =>
      withWatcher(inventory, call.region, 'rules', name, rule),
    );
  const told = (call: CallContext, name: string, rule: StoredRule) => ({
    Name: name,
    Arn: `arn:aws:events:${call.region}:${world.inventory.names.account}:rule/${name}`,
    EventPattern: rule.pattern,
    State: rule.isEnabled ? ('ENABLED' as const) : ('DISABLED' as const),
    Description: rule.description,
    EventBusName: 'default',
  });
  const paged = <T>(all: readonly T[], token: string | undefined) => {
    const page = pageOf(all, perPage, token);
    if (page !== undefined) return page;
    throw new ServiceFault('ValidationException', 'The next token is not valid.');
  };
  return {
    service: 'events',
    signingName: 'events',
    protocol: 'json-1.1',
    target: 'AWSEvents',
    operations: [
      operation<PutRuleRequest, PutRuleResponse>(PutRule$, (input, call) => {
        const { Name: name = '', EventPattern: pattern, State, Description: description = '', Tags } = input;
        if (pattern === undefined)
          throw new ServiceFault('ValidationException', 'Only rules with a pattern are simulated.');
        const before = rules(call)[name];
        keep(call, name, before === undefined ? 'new' : 'changed', {
          description,
          pattern,
          isEnabled: State !== 'DISABLED',
          tags: before?.tags ?? tagsOf(Tags),
          targets: before?.targets ?? [],
        });
        return { RuleArn: `arn:aws:events:${call.region}:${world.inventory.names.account}:rule/${name}` };
      }),
      operation<DeleteRuleRequest, object>(DeleteRule$, (input, call) => {
        const { Name: name = '' } = input;
        const rule = rules(call)[name];
        if (rule !== undefined && rule.targets.length > 0) {
          throw new ServiceFault('ValidationException', "Rule can't be deleted since it has targets.");
        }
        if (rule !== undefined) keep(call, name, 'gone', undefined);
        return {};
      }),
      operation<DescribeRuleRequest, DescribeRuleResponse>(DescribeRule$, (input, call) =>
        told(call, input.Name ?? '', ruleAt(input.Name, call)),
      ),
      operation<ListRulesRequest, ListRulesResponse>(ListRules$, (input, call) => {
        const found = Object.entries(rules(call)).filter(([name]) => name.startsWith(input.NamePrefix ?? ''));
        const page = paged(found, input.NextToken);
        return {
          Rules: page.items.map(([name, rule]) => told(call, name, rule)),
          ...(page.next !== undefined && { NextToken: page.next }),
        };
      }),
      operation<PutTargetsRequest, PutTargetsResponse>(PutTargets$, (input, call) => {
        const { Rule: name = '', Targets = [] } = input;
        const rule = ruleAt(name, call);
        const kept = rule.targets.filter(({ Id }) => Targets.every((each) => each.Id !== Id));
        const targets = [...kept, ...Targets];
        if (targets.length > mostTargets) throw new ServiceFault('LimitExceededException', 'Too many targets.');
        keep(call, name, `${targets.length} targets`, { ...rule, targets });
        return { FailedEntryCount: 0, FailedEntries: [] };
      }),
      operation<RemoveTargetsRequest, RemoveTargetsResponse>(RemoveTargets$, (input, call) => {
        const { Rule: name = '', Ids = [] } = input;
        const rule = ruleAt(name, call);
        const targets = rule.targets.filter(({ Id }) => Id === undefined || !Ids.includes(Id));
        keep(call, name, `${targets.length} targets`, { ...rule, targets });
        return { FailedEntryCount: 0, FailedEntries: [] };
      }),
      operation<ListTargetsByRuleRequest, ListTargetsByRuleResponse>(ListTargetsByRule$, (input, call) => {
        const page = paged(ruleAt(input.Rule, call).targets, input.NextToken);
        return { Targets: [...page.items], ...(page.next !== undefined && { NextToken: page.next }) };
      }),
      operation<ListTagsForResourceRequest, ListTagsForResourceResponse>(ListTagsForResource$, (input, call) => ({
        Tags: tagList(ruleAt(/:rule\/(.+)$/.exec(input.ResourceARN ?? '')?.[1], call).tags),
      })),
    ],
  };
}
