/** Where a step's calls go: from the part of the stack that the step names, and from how the configuration fills it. Pure. */
import type { TrafficSwitch } from '../cloud/stack.ts';
import type { AnyStep } from '../engine/step.ts';
import { controlPlanesOf } from './control-planes.ts';
import { movesWriter, promotion, switchover } from './database-moves.ts';

export interface Layout {
  readonly primary: string;
  readonly recovery: string;
  readonly traffic?: TrafficSwitch | undefined;
  readonly globalCluster?: string | undefined;
}

/** What a call has to do with a region. */
type Standing =
  /** It needs it. `reason` completes "…, which …". */
  | { readonly state: 'needs'; readonly reason: string }
  | { readonly state: 'spares' }
  /** The configuration has no use for it. */
  | { readonly state: 'unused' }
  | { readonly state: 'unknown' };

type Family = TrafficSwitch['mechanism'];

/** The ways of moving traffic that calls belong to. */
function familyOf(operation: string): Family | undefined {
  const [service] = operation.split(':');
  if (service === 'route53') return 'records';
  if (service === 'route53-recovery-cluster') return 'routing-control';
  return service === 's3' ? 'health-check' : undefined;
}

const isSwitching = ({ where }: AnyStep): boolean => where === 'dns' || where === 'switches';

/** Steps that can move traffic, or the writer, in several ways use the configured one alone. */
function isUnused(step: AnyStep, operation: string, { traffic, globalCluster }: Layout): boolean {
  if (movesWriter(operation) && step.changes.includes(promotion) && step.changes.includes(switchover)) {
    return (operation === promotion) !== (globalCluster === undefined);
  }
  if (!isSwitching(step)) return false;
  const family = familyOf(operation);
  if (family === undefined) return false;
  if (traffic === undefined) return true;
  const families = new Set([...step.calls, ...step.changes].map((each) => familyOf(each)));
  const isChoosing = families.size > 1 || step.where === 'switches';
  return isChoosing && family !== traffic.mechanism;
}

/** Regions any of which answers; undefined where the step does not say. */
function regionsOf(step: AnyStep, operation: string, layout: Layout): readonly string[] | undefined {
  const { primary, recovery, traffic } = layout;
  const [service] = operation.split(':');
  if (service === 'route53-recovery-cluster') {
    return traffic?.mechanism === 'routing-control' ? traffic.endpoints.map(({ region }) => region) : undefined;
  }
  if (isSwitching(step)) {
    return traffic?.mechanism === 'health-check' && service === 's3' ? [traffic.switchObject.region] : undefined;
  }
  const own = step.where === 'primary' ? primary : step.where === 'recovery' ? recovery : undefined;
  if (own !== undefined) {
    // A switchover is asked of the region that still writes, not of the one that is to.
    return operation === switchover ? [own === primary ? recovery : primary] : [own];
  }
  if (step.where === 'outside') return [];
  return step.where !== undefined && /^[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/.test(step.where)
    ? [step.where]
    : undefined;
}

/** Whether a step's call needs a region: its endpoint is there, or a control plane that it cannot do without. */
export function standingOf(step: AnyStep, operation: string, impaired: string, layout: Layout): Standing {
  if (isUnused(step, operation, layout)) return { state: 'unused' };
  const planes = controlPlanesOf(operation);
  const dead = planes.find(({ region }) => region === impaired);
  if (dead !== undefined) {
    const { name, kind } = dead;
    return {
      state: 'needs',
      reason:
        kind === 'home' ? `is asked in ${impaired} only (${name})` : `leans on ${impaired} in every region (${name})`,
    };
  }
  if (planes.some(({ kind }) => kind === 'home')) return { state: 'spares' };
  const regions = regionsOf(step, operation, layout);
  if (regions === undefined) return { state: 'unknown' };
  return regions.length > 0 && regions.every((region) => region === impaired)
    ? { state: 'needs', reason: `is asked in ${impaired}` }
    : { state: 'spares' };
}

/** The regions that a step's call may be sent to; undefined where the step does not say. */
export function destinationsOf(step: AnyStep, operation: string, layout: Layout): readonly string[] | undefined {
  if (isUnused(step, operation, layout)) return [];
  const homes = controlPlanesOf(operation).filter(({ kind }) => kind === 'home');
  return homes.length > 0 ? homes.map(({ region }) => region) : regionsOf(step, operation, layout);
}

/** The same for people. */
export function placeText(step: AnyStep, operation: string, layout: Layout): string {
  return destinationsOf(step, operation, layout)?.join(', ') || (step.where ?? 'not said');
}
