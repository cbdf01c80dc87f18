/**
 * Decides what becomes of calls to the simulated AWS: each is answered, after a time that depends on what was asked and
 * how often before, unless a script of fates or the scenario says otherwise: a region that is down, a service whose API
 * is, what the caller may not do, throttling.
 */
import { refusalOf } from './permissions.ts';
import { drawn, noise } from './random.ts';
import { lasts } from './world/faults.ts';
import { regionOutageAt, sideOf, type RegionOutage } from './world/region-outage.ts';
import type { World } from './world/world.ts';
import { ServiceFault, type CallContext, type Fate, type Gate } from './wire/service.ts';

/** How long a simulated call takes, in milliseconds. */
const CALL_MS = [20, 80] as const;
/** Of the calls that fail in an impaired region, those that are not even answered. */
const UNANSWERED_SHARE = 0.5;

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
  const { seed, typical = false } = world.inventory;
  return (call) => {
    const { service, operation, region } = call;
    const key = `${service}:${operation}@${region}`;
    const count = asked.get(key) ?? 0;
    asked.set(key, count + 1);
    const scripted = fates?.(call, count + 1);
    if (scripted !== undefined) return scripted;
    const outage = outageOf(world, call);
    if (outage !== undefined && noise(seed, 'impaired', key, count) < outage.share) {
      const unanswered = outage.kind === 'down' || noise(seed, 'unanswered', key, count) < UNANSWERED_SHARE;
      return unanswered ? { kind: 'hang' } : { kind: 'fault', latencyMs: CALL_MS[1], fault: unavailable(service) };
    }
    const latencyMs = Math.round(drawn({ seed, typical }, CALL_MS, 'latency', key, count));
    const refusal = refusalOf(world, call);
    if (refusal !== undefined) return { kind: 'fault', latencyMs, fault: refusal };
    if (!isThrottled(world, call, noise(seed, 'throttled', key, count))) return { kind: 'answer', latencyMs };
    return { kind: 'fault', latencyMs, fault: throttlingOf(service) };
  };
}

/** What keeps the call from being answered: its region, or its service's API in all regions. */
function outageOf(world: World, { service, region }: CallContext): Pick<RegionOutage, 'kind' | 'share'> | undefined {
  const { inventory } = world;
  const now = world.now();
  const isApiDown = inventory.faults.some(
    (fault) => fault.effect === 'control-plane-down' && lasts(fault, now) && fault.services.includes(service),
  );
  if (isApiDown) return { kind: 'down', share: 1 };
  const side = sideOf(inventory, region);
  return side && regionOutageAt(inventory, side, now);
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

/** What services say instead of `ServiceUnavailable` and 503 (each one's API Reference). */
const failures: Readonly<Record<string, { readonly code: string; readonly status: number }>> = {
  'application-autoscaling': { code: 'InternalServiceException', status: 500 },
  cloudwatch: { code: 'InternalServiceFault', status: 500 },
  dynamodb: { code: 'InternalServerError', status: 500 },
  ec2: { code: 'Unavailable', status: 503 },
  ecr: { code: 'ServerException', status: 500 },
  ecs: { code: 'ServerException', status: 500 },
  logs: { code: 'ServiceUnavailableException', status: 503 },
  secretsmanager: { code: 'InternalServiceError', status: 500 },
  ssm: { code: 'InternalServerError', status: 500 },
};

/** The service's own word for what is not the caller's fault. */
function unavailable(service: string): ServiceFault {
  const { code, status } = failures[service] ?? { code: 'ServiceUnavailable', status: 503 };
  return new ServiceFault(code, 'Service is unable to handle the request.', status);
}
