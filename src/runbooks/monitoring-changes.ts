/**
 * What is done to what watches a stack: each planned difference as a change that is told, looked up, made and put back. The
 * changes of a run are the plan that it was begun with, so that whoever goes on with it goes on with that one.
 */
import {
  isOwnedBy,
  monitoringOperations,
  type MonitoringAction,
  type MonitoringKind,
  type MonitoringResource,
  type Tags,
} from '../cloud/monitoring.ts';
import type { Change, Look } from '../engine/change.ts';
import type { Plain, PlainRecord } from '../engine/plain.ts';
import type { ActContext, ObserveContext } from '../engine/step.ts';
import { attributesOf, type PlannedChange } from '../monitoring/difference.ts';
import { gistOf, kindWords } from '../monitoring/wording.ts';
import type { ActPorts, RunbookPorts, RunbookSettings } from './kit.ts';

export type MonitoringInput = {
  readonly action: MonitoringAction;
  /** As it is to be; of what is deleted, as it was. */
  readonly resource: MonitoringResource;
  readonly before: MonitoringResource | null;
  readonly account: string;
  readonly tags: Tags;
  readonly attribute?: 'displayName' | 'policy';
};

export type MonitoringChange = Change<MonitoringInput>;

/** What is to be told of a region's changes besides. */
export interface Owner {
  readonly account: string;
  readonly tags: Tags;
}

function summaryOf({ action, resource, attributes }: PlannedChange): string {
  switch (action) {
    case 'create':
      return `make it: ${gistOf(resource)}`;
    case 'update':
      return `alter ${attributes.map(({ name }) => name).join(', ')}`;
    case 'delete':
      return 'delete it';
  }
}

export function changeOf(planned: PlannedChange, { account, tags }: Owner): MonitoringChange {
  const { action, resource, before, attributes, attribute } = planned;
  const { kind, region, name } = resource;
  return {
    operation: monitoringOperations[kind][action],
    region,
    resource: name,
    identity: [kind, region, name, attribute ?? ''].join(' '),
    summary: summaryOf(planned),
    ...valuesOf(planned, attributes),
    risk: reverseOf(action, resource) === undefined ? 'irreversible' : 'reversible',
    blastRadius: feltBy(action, kind),
    input: {
      action,
      resource,
      before,
      account,
      tags,
      ...(attribute === undefined ? {} : { attribute }),
    },
  };
}

/** Of what is altered, the attributes that differ; else that it is there, in a few words. */
function valuesOf(
  { action, resource, before }: PlannedChange,
  attributes: PlannedChange['attributes'],
): { readonly before: PlainRecord; readonly after: PlainRecord } {
  const what = kindWords[resource.kind];
  const side = (of: 'before' | 'after'): PlainRecord =>
    Object.fromEntries(attributes.map((each): readonly [string, Plain] => [each.name, each[of]]));
  switch (action) {
    case 'create':
      return { before: { [what]: null }, after: { [what]: gistOf(resource) } };
    case 'update':
      return { before: side('before'), after: side('after') };
    case 'delete':
      return { before: { [what]: gistOf(before ?? resource) }, after: { [what]: null } };
  }
}

function feltBy(action: MonitoringAction, kind: MonitoringKind): string {
  switch (kind) {
    case 'subscription':
      return action === 'delete' ? 'it is told nothing any more' : 'it is asked by SNS to agree, or told from now on';
    case 'topic':
      return action === 'delete'
        ? 'whoever subscribed to it is told nothing any more'
        : 'nobody, until an alarm uses it';
    case 'dashboard':
      return 'whoever looks at it';
    case 'alarm':
    case 'composite-alarm':
    case 'event-rule':
    case 'event-target':
      return action === 'delete' ? 'nobody is told by it any more' : 'whoever its topics tell';
  }
}

/**
 * The action that puts it back; undefined where none does: whoever was sent a mail has it, and while he has not agreed SNS
 * ends nothing; whoever had agreed would have to agree again.
 */
function reverseOf(action: MonitoringAction, resource: MonitoringResource): MonitoringAction | undefined {
  const { kind } = resource;
  if (kind === 'topic' && action === 'delete') return undefined;
  if (kind === 'subscription') return action === 'create' && resource.spec.protocol === 'sms' ? 'delete' : undefined;
  return ({ create: 'delete', update: 'update', delete: 'create' } as const)[action];
}

export function reverseChange({ input }: MonitoringChange): MonitoringChange | undefined {
  const { action, resource, before, attribute } = input;
  const reverse = reverseOf(action, resource);
  if (reverse === undefined) return undefined;
  const target = before ?? resource;
  const was = action === 'delete' ? null : resource;
  const attributes = attributesOf(was?.spec ?? {}, reverse === 'delete' ? {} : target.spec).filter(
    ({ name }) => attribute === undefined || isOf(name, attribute),
  );
  const planned: PlannedChange = {
    action: reverse,
    resource: target,
    before: was,
    attributes,
    ...(attribute === undefined ? {} : { attribute }),
  };
  return changeOf(planned, input);
}

function isOf(name: string, attribute: string): boolean {
  return name === attribute || name.startsWith(`${attribute}.`);
}

/** How it stands, read from the account. */
export async function lookAtMonitoring(
  { input }: MonitoringChange,
  { ports }: Pick<ObserveContext<RunbookPorts, RunbookSettings>, 'ports'>,
): Promise<Look> {
  const { action, resource, before, account, attribute, tags } = input;
  const what = `the ${kindWords[resource.kind]} ${resource.name}`;
  const found = await ports.facts.watcher(resource, account);
  const isAs = (wanted: MonitoringResource): boolean =>
    found !== undefined &&
    found.kind === wanted.kind &&
    attributesOf(found.spec, wanted.spec).every(({ name }) => attribute !== undefined && !isOf(name, attribute));
  if (found === undefined) {
    const detail = `${what} is not there`;
    if (action === 'create') return { state: 'not-started', detail };
    return { state: action === 'delete' ? 'done' : 'drifted', detail };
  }
  // A plan may be old by the time that somebody agrees to it. A subscription and a target have no tags of their own.
  const isTagged = resource.kind !== 'subscription' && resource.kind !== 'event-target';
  if (action !== 'create' && isTagged && !isOwnedBy(found.tags, tags)) {
    return { state: 'drifted', detail: `${what} is not nanoops\u2019 own any more: its tags are gone` };
  }
  if (action !== 'delete' && isAs(resource)) return { state: 'done', detail: `${what} is as it is to be` };
  if (before !== null && isAs(before)) return { state: 'not-started', detail: `${what} is as it was` };
  return { state: 'drifted', detail: `${what} is neither as it was nor as it is to be` };
}

export async function applyMonitoring(
  { input }: MonitoringChange,
  { ports }: Pick<ActContext<ActPorts, RunbookSettings>, 'ports'>,
): Promise<void> {
  const { action, resource, account, tags, attribute } = input;
  await ports.changes.changeMonitoring(action, resource, {
    account,
    tags,
    ...(attribute === undefined ? {} : { attribute }),
  });
}
