/**
 * Where the services that are of no region have their API (AWS Fault Isolation Boundaries, "Global services"): what they
 * are asked is signed for that region, and its outage is theirs.
 */
export const globalRegion = 'us-east-1';
