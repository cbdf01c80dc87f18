/**
 * The data plane of a routing cluster of Application Recovery Controller, which moto lacks: five endpoints with one state
 * behind them, of which only one answers. It takes what is signed for its region and says what AWS would have.
 */
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { serve, type LocalServer } from '../aws/local-server.ts';

export interface RoutingCluster {
  /** As the configuration names them, the one that answers last. */
  readonly endpoints: readonly { readonly region: string; readonly url: string }[];
  readonly states: ReadonlyMap<string, string>;
  /** What was asked, by region, whether it was answered or not. */
  readonly asked: readonly { readonly region: string; readonly operation: string }[];
  /** What no client of AWS would have sent. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

const ways = {
  'us-west-2': 'hangs',
  'ap-southeast-2': 'hangs',
  'ap-northeast-1': 'unavailable',
  'eu-west-1': 'unavailable',
  'us-east-1': 'answers',
} as const;

export async function routingCluster(initial: Readonly<Record<string, 'On' | 'Off'>>): Promise<RoutingCluster> {
  const states = new Map<string, string>(Object.entries(initial));
  const asked: { region: string; operation: string }[] = [];
  const faults: string[] = [];
  const servers: LocalServer[] = [];
  const endpoints: { region: string; url: string }[] = [];
  for (const [region, way] of Object.entries(ways)) {
    const server = await serve((request, response) => {
      const answer = async (): Promise<void> => {
        const body = await buffer(request);
        const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
        asked.push({ region, operation });
        faults.push(...faultsOf(request, region));
        if (way === 'hangs') return;
        const [status, said] =
          way === 'unavailable'
            ? [503, { __type: 'EndpointTemporarilyUnavailableException', message: 'ask another endpoint' }]
            : answerTo(operation, JSON.parse(body.toString()), states);
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(said));
      };
      answer().catch(() => response.destroy());
    });
    servers.push(server);
    endpoints.push({ region, url: server.url });
  }
  return {
    endpoints,
    states,
    asked,
    faults,
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

function faultsOf({ method, headers }: IncomingMessage, region: string): readonly string[] {
  const scope = /Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '');
  return [
    ...(method === 'POST' ? [] : [`method ${String(method)}`]),
    ...(headers['content-type'] === 'application/x-amz-json-1.0' ? [] : [`type ${String(headers['content-type'])}`]),
    ...(/^ToggleCustomerAPI\.\w+$/.test(String(headers['x-amz-target'])) ? [] : ['no target']),
    ...(scope?.[1] === region && scope[2] === 'route53-recovery-cluster'
      ? []
      : [`signed for ${scope?.[0] ?? 'nothing'}`]),
  ];
}

interface Question {
  readonly RoutingControlArn?: string;
  readonly UpdateRoutingControlStateEntries?: readonly {
    readonly RoutingControlArn: string;
    readonly RoutingControlState: string;
  }[];
}

function answerTo(operation: string, asked: Question, states: Map<string, string>): readonly [number, object] {
  const missing = [404, { __type: 'ResourceNotFoundException', message: 'no such control' }] as const;
  if (operation === 'GetRoutingControlState') {
    const { RoutingControlArn = '' } = asked;
    const RoutingControlState = states.get(RoutingControlArn);
    return RoutingControlState === undefined ? missing : [200, { RoutingControlArn, RoutingControlState }];
  }
  const entries = asked.UpdateRoutingControlStateEntries ?? [];
  if (operation !== 'UpdateRoutingControlStates' || entries.length === 0) {
    return [400, { __type: 'ValidationException', message: operation }];
  }
  if (entries.some(({ RoutingControlArn }) => !states.has(RoutingControlArn))) return missing;
  for (const { RoutingControlArn, RoutingControlState } of entries) states.set(RoutingControlArn, RoutingControlState);
  return [200, {}];
}
