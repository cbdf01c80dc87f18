/**
 * Decides what becomes of calls to the simulated AWS: each is answered, after a time that depends on what was asked and
 * how often before, unless a script of fates or a scenario's throttling says otherwise.
 */
import { noise } from './random.ts';
import type { World } from './world/world.ts';
import { ServiceFault, type CallContext, type Fate, type Gate } from './wire/service.ts';

/** How long a simulated call takes, in milliseconds. */
const FASTEST_CALL_MS = 20;
const SLOWEST_CALL_MS = 80;

/**
 * What becomes of a call, or undefined where it is answered as usual. `count`: how often this operation has been called
 * in this region, this call included.
 */
export type Fates = (call: CallContext, count: number) => Fate | undefined;

export interface GateOptions {
  /** How often each `service:Operation@region` was asked; counted on. */
  readonly asked: Map<string, number>;
  readonly fates?: Fates;
}

export function sandboxGate(world: World, { asked, fates }: GateOptions): Gate {
  const { seed } = world.inventory;
  return (call) => {
    const { service, operation, region } = call;
    const key = `${service}:${operation}@${region}`;
    const count = asked.get(key) ?? 0;
    asked.set(key, count + 1);
    const scripted = fates?.(call, count + 1);
    if (scripted !== undefined) return scripted;
    const share = noise(seed, 'latency', key, count);
    const latencyMs = Math.round(FASTEST_CALL_MS + (SLOWEST_CALL_MS - FASTEST_CALL_MS) * share);
    if (!isThrottled(world, call, noise(seed, 'throttled', key, count))) return { kind: 'answer', latencyMs };
    return { kind: 'fault', latencyMs, fault: throttlingOf(service) };
  };
}

function isThrottled(world: World, { service }: CallContext, luck: number): boolean {
  const now = world.now();
  return world.inventory.faults.some(
    (fault) =>
      fault.effect === 'api-throttling' &&
      fault.from <= now &&
      (fault.to === undefined || now <= fault.to) &&
      (fault.services === undefined || fault.services.includes(service)) &&
      luck < fault.share,
  );
}

/** What services say instead of `ThrottlingException` and 400 (each one's API Reference, "Common Errors"). */
const ownWords: Readonly<
  Record<string, { readonly code: string; readonly status: number; readonly message?: string }>
> = {
  cloudwatch: { code: 'Throttling', status: 400 },
  ec2: { code: 'RequestLimitExceeded', status: 503, message: 'Request limit exceeded.' },
  elasticache: { code: 'Throttling', status: 400 },
  elasticloadbalancing: { code: 'Throttling', status: 400 },
  rds: { code: 'Throttling', status: 400 },
  route53: { code: 'Throttling', status: 400 },
  s3: { code: 'SlowDown', status: 503, message: 'Please reduce your request rate.' },
  sts: { code: 'Throttling', status: 400 },
  xray: { code: 'ThrottledException', status: 429 },
};

/** The service's own word for a call too many. */
export function throttlingOf(service: string): ServiceFault {
  const { code, status, message } = ownWords[service] ?? { code: 'ThrottlingException', status: 400 };
  return new ServiceFault(code, message ?? 'Rate exceeded', status);
}
