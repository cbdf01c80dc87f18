/**
 * The data plane of Application Recovery Controller, as far as facts and changes need it. Each of a cluster's endpoints
 * has a client of its own, which gives up soon and sends nothing twice: there are other endpoints to go to.
 */
import {
  GetRoutingControlStateCommand,
  Route53RecoveryClusterClient,
  UpdateRoutingControlStatesCommand,
  type GetRoutingControlStateCommandInput,
  type UpdateRoutingControlStatesCommandInput,
} from '@aws-sdk/client-route53-recovery-cluster';
import { neverAgain } from '../retry.ts';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

/** So that all five endpoints can be tried within the time of one change elsewhere. */
const longestAttemptMs = 2_000;

export function connectRecoveryCluster(wiring: Wiring, settings: ClientSettings) {
  const client = new Route53RecoveryClusterClient({ ...settings, retryStrategy: neverAgain });
  const limits = { longestAttemptMs };
  const { send } = wiring.connect('route53-recovery-cluster', settings.region, client, limits);
  return {
    region: settings.region,
    getRoutingControlState: (input: GetRoutingControlStateCommandInput) =>
      send(new GetRoutingControlStateCommand(input), { members: ['RoutingControlArn', 'RoutingControlState'] }),
    updateRoutingControlStates: (input: UpdateRoutingControlStatesCommandInput) =>
      send(new UpdateRoutingControlStatesCommand(input)),
  };
}
