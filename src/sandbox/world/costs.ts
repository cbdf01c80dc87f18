/** What the simulated account costs a day, by service: a steady sum that follows the week, and what a fault adds. */
import { noise } from '../random.ts';
import { intensity } from './faults.ts';
import type { WorldInventory } from './inventory.ts';

const DAY_MS = 86_400_000;

/** Dollars on a weekday, by the names on the bill. */
const USUAL = {
  'Amazon Relational Database Service': 41.8,
  'Amazon Elastic Container Service': 23.7,
  'Amazon ElastiCache': 9.6,
  'EC2 - Other': 9.1,
  'Amazon CloudFront': 6.4,
  AmazonCloudWatch: 5.2,
  'Amazon Simple Storage Service': 4.3,
  'Amazon Elastic Load Balancing': 3.1,
  'Amazon DynamoDB': 1.9,
  'AWS X-Ray': 0.8,
  'Amazon GuardDuty': 0.7,
  'Amazon Route 53': 0.2,
} as const;

type CostedService = keyof typeof USUAL;

function isCosted(name: string): name is CostedService {
  return Object.hasOwn(USUAL, name);
}

export const costedServices = Object.keys(USUAL).filter((name) => isCosted(name));

/** Of those that are paid by use, what is left of it on a Saturday or a Sunday. */
const WEEKEND_SHARE = 0.86;
const BY_USE: ReadonlySet<CostedService> = new Set([
  'EC2 - Other',
  'Amazon CloudFront',
  'Amazon Simple Storage Service',
]);
/** So long it takes until a day is on the bill in full. */
const SETTLED_MS = 2 * DAY_MS;
const UNSETTLED_SHARE = 0.7;

export interface ServiceCost {
  readonly service: CostedService;
  /** Dollars. */
  readonly amount: number;
}

/** Of the day that begins at `day`, as the bill has it at `now`; nothing of what has not begun. */
export function costsOf(world: WorldInventory, day: number, now: number): readonly ServiceCost[] {
  if (day >= now || day < world.createdAt) return [];
  const weekday = new Date(day).getUTCDay();
  const isWeekend = weekday === 0 || weekday === 6;
  const known = day + SETTLED_MS <= now ? 1 : Math.min(1, (now - day) / DAY_MS) * UNSETTLED_SHARE;
  return costedServices.map((service) => {
    const share = isWeekend && BY_USE.has(service) ? WEEKEND_SHARE : 1;
    const luck = 0.985 + 0.03 * noise(world.seed, 'cost', service, day / DAY_MS);
    return { service, amount: USUAL[service] * share * luck * factorAt(world, service, day) * known };
  });
}

function factorAt(world: WorldInventory, service: CostedService, day: number): number {
  return world.faults.reduce((factor, fault) => {
    if (fault.effect !== 'cost' || fault.service !== service) return factor;
    return factor * fault.factor ** intensity(fault, day);
  }, 1);
}
