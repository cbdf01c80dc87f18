/**
 * The endpoints of routing clusters: any of the five can be asked for everything, and one of them is likely to answer
 * whatever happens to its region (Application Recovery Controller Developer Guide, "Best practices for Amazon ARC routing
 * control"). Goes round until one does, and begins with that one the next time. Knows nothing of what is asked.
 */
import { CloudError, type CloudErrorKind } from '../cloud/errors.ts';
import type { RoutingEndpoint } from '../cloud/stack.ts';
import type { connectRecoveryCluster } from './services/route-53-recovery-cluster.ts';
import type { Credentials } from './settings.ts';
import type { Wiring } from './wiring.ts';

type RoutingApi = ReturnType<typeof connectRecoveryCluster>;

export interface RoutingEndpoints {
  /**
   * What the first endpoint that answers says. Where none does, rejects with what failed last, unless an earlier failure
   * leaves open whether a change was made: then with that. What is asked must be harmless when it is done twice.
   */
  ask<T>(endpoints: readonly RoutingEndpoint[], operation: string, work: (api: RoutingApi) => Promise<T>): Promise<T>;
}

/** The answers that any other endpoint would give as well. */
const sameEverywhere: ReadonlySet<CloudErrorKind> = new Set([
  'not-found',
  'invalid-request',
  'refused-by-guard',
  'not-simulated',
] as const);

const leavingOpen: ReadonlySet<CloudErrorKind> = new Set([
  'timeout',
  'unreachable',
  'service-fault',
  'malformed-answer',
] as const);

export function createRoutingEndpoints(
  wiring: Wiring,
  credentialsOf: (region: string) => Credentials,
): RoutingEndpoints {
  const opened = new Map<string, Promise<RoutingApi>>();
  let answeredLast: string | undefined;

  const open = ({ region, url }: RoutingEndpoint): Promise<RoutingApi> => {
    const known = opened.get(url);
    if (known !== undefined) return known;
    const opening = wiring.clock.busy(async () => {
      const { connectRecoveryCluster } = await import('./services/route-53-recovery-cluster.ts');
      return connectRecoveryCluster(wiring, wiring.settings(region, credentialsOf(region), { clusterEndpoint: url }));
    });
    opened.set(url, opening);
    return opening;
  };

  return {
    async ask(endpoints, operation, work) {
      const first = Math.max(
        0,
        endpoints.findIndex(({ url }) => url === answeredLast),
      );
      let stillOpen: CloudError | undefined;
      let failure: unknown;
      for (const endpoint of [...endpoints.slice(first), ...endpoints.slice(0, first)]) {
        try {
          const answer = await work(await open(endpoint));
          answeredLast = endpoint.url;
          return answer;
        } catch (error) {
          if (!(error instanceof CloudError)) throw error;
          failure = error;
          if (leavingOpen.has(error.kind) && error.details.sent !== false) stillOpen ??= error;
          if (sameEverywhere.has(error.kind)) break;
        }
      }
      if (failure !== undefined) throw stillOpen ?? failure;
      const call = { service: 'route53-recovery-cluster', operation, region: 'no region' };
      throw wiring.failure('invalid-request', call, 'no endpoint of the cluster is configured');
    },
  };
}
