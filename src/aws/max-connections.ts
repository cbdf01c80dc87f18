/**
 * How many connections an Aurora MySQL instance takes when nobody set `max_connections`. AWS gives the default by class
 * (Aurora User Guide, "Maximum connections to an Aurora MySQL DB instance"); only classes that are certain are listed.
 */

/** Burstable classes, whose memory is too small for the formula to be read off their size. */
const burstable: Readonly<Record<string, number>> = {
  'db.t3.small': 45,
  'db.t3.medium': 90,
  'db.t3.large': 135,
  'db.t4g.medium': 90,
  'db.t4g.large': 135,
};

/** Memory-optimised classes by size: the memory doubles from size to size, the formula adds a thousand. */
const memoryOptimised: Readonly<Record<string, number>> = {
  large: 1_000,
  xlarge: 2_000,
  '2xlarge': 3_000,
  '4xlarge': 4_000,
  '8xlarge': 5_000,
  '16xlarge': 6_000,
};

/** The families whose `large` has 16 GiB. */
const family = /^db\.(?:r5|r6g|r6i|r7g|r7i|r8g)\.(\w+)$/;

export function defaultMaxConnections(instanceClass: string): number | undefined {
  const size = family.exec(instanceClass)?.[1];
  return size === undefined ? burstable[instanceClass] : memoryOptimised[size];
}
