/** The routing controls of Application Recovery Controller, as its data plane tells them. */
import type { RoutingEndpoint } from '../../cloud/stack.ts';
import type { FactTools } from './tools.ts';

const operation = 'GetRoutingControlState';

const states: Readonly<Record<string, 'on' | 'off'>> = { On: 'on', Off: 'off' };

/** All of one endpoint's answers: those of two could be of two moments. */
export async function routingControls(
  { wiring, clients }: FactTools,
  endpoints: readonly RoutingEndpoint[],
  controls: readonly string[],
): Promise<Readonly<Record<string, 'on' | 'off'>>> {
  return clients.routingCluster.ask(endpoints, operation, async (api) => {
    const told = await Promise.all(
      controls.map(async (arn) => {
        const { RoutingControlState = '' } = await api.getRoutingControlState({ RoutingControlArn: arn });
        const state = states[RoutingControlState];
        if (state !== undefined) return [arn, state] as const;
        const call = { service: 'route53-recovery-cluster', operation, region: api.region, resource: arn };
        throw wiring.failure('malformed-answer', call, 'the control is neither on nor off');
      }),
    );
    return Object.fromEntries(told);
  });
}
