/**
 * Do the database's security groups let the service in? By group or by range of addresses.
 * Source: Amazon VPC User Guide, "Security group rules".
 */
import type { IngressRule } from '../../cloud/facts.ts';

export interface Caller {
  /** The security groups of the service's tasks. */
  readonly groups: readonly string[];
  /** Their addresses or ranges (CIDR), where they are known. */
  readonly addresses: readonly string[];
}

/** `untold` where a rule names ranges, and nobody knows whether the service's tasks are inside. */
export interface Admission {
  readonly verdict: 'admitted' | 'refused' | 'untold';
  readonly detail: string;
}

export function admissionOf(rules: readonly IngressRule[], caller: Caller, port: number): Admission {
  const open = rules.filter((rule) => isForPort(rule, port));
  const group = open.flatMap((rule) => rule.fromGroups).find((each) => caller.groups.includes(each));
  if (group !== undefined) return { verdict: 'admitted', detail: `port ${port} is open to ${group}` };
  const ranges = [...new Set(open.flatMap((rule) => rule.fromRanges))];
  const range = ranges.find((each) => holdsEverybody(each) || holdsAll(each, caller.addresses));
  if (range !== undefined) return { verdict: 'admitted', detail: `port ${port} is open to ${range}` };
  const who = caller.groups.length === 0 ? 'the service, whose own groups are not known' : caller.groups.join(', ');
  const undecided = ranges.filter((each) => caller.addresses.length === 0 || mayHoldSome(each, caller.addresses));
  if (undecided.length > 0) {
    const inside = 'whether the service\u2019s tasks are inside cannot be told';
    return { verdict: 'untold', detail: `port ${port} is open to ${undecided.join(', ')}; ${inside}` };
  }
  const verdict = caller.groups.length === 0 && open.some((rule) => rule.fromGroups.length > 0) ? 'untold' : 'refused';
  return { verdict, detail: `no rule opens port ${port} to ${who} (${openTo(open)})` };
}

function openTo(open: readonly IngressRule[]): string {
  const sources = open.flatMap((rule) => [...rule.fromGroups, ...rule.fromRanges]);
  return sources.length === 0 ? 'it is open to nobody' : `it is open to ${[...new Set(sources)].join(', ')}`;
}

function isForPort({ protocol, fromPort, toPort }: IngressRule, port: number): boolean {
  if (protocol !== 'tcp' && protocol !== 'all') return false;
  return (fromPort === undefined || port >= fromPort) && (toPort === undefined || port <= toPort);
}

function holdsEverybody(range: string): boolean {
  return range === '0.0.0.0/0';
}

function holdsAll(range: string, addresses: readonly string[]): boolean {
  return addresses.length > 0 && addresses.every((address) => relation(range, address) === 'inside');
}

/** False only where every address is known to lie outside. */
function mayHoldSome(range: string, addresses: readonly string[]): boolean {
  return addresses.some((address) => relation(range, address) !== 'outside');
}

type Relation = 'inside' | 'partly' | 'outside' | 'untold';

/** How a range of IPv4 addresses lies to another; prefix lists and IPv6 are not taken apart. */
function relation(outer: string, inner: string): Relation {
  const a = blockOf(outer);
  const b = blockOf(inner);
  if (b !== undefined && outer.includes(':')) return 'outside';
  if (a === undefined || b === undefined) return 'untold';
  if (b.from >= a.from && b.to <= a.to) return 'inside';
  return b.to < a.from || b.from > a.to ? 'outside' : 'partly';
}

function blockOf(text: string): { readonly from: number; readonly to: number } | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const octets = match.slice(1, 5).map(Number);
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  if (bits > 32 || octets.some((octet) => octet > 255)) return undefined;
  const size = 2 ** (32 - bits);
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const from = Math.floor(address / size) * size;
  return { from, to: from + size - 1 };
}
