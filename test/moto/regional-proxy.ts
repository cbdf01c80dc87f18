/**
 * A way to moto on which a region can be down: whatever is signed for it is taken and never answered. It also writes down
 * what was asked, and fills in what moto lacks where a test asks for that: tasks that run, and a clock that runs faster.
 */
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { CompositeAlarms } from './composite-alarms.ts';
import { clockHeader } from '../../src/sandbox/scaled-clock.ts';

export interface ProxyOptions {
  /** Its requests hang. */
  readonly hangs?: string;
  /** Every service runs as many tasks as are wanted of it, which moto never starts. */
  readonly tasksRun?: boolean;
  /** Whoever comes from nanoops takes the time from it, as from a simulated AWS. */
  readonly speed?: number;
  /** Keeps composite alarms, which moto lacks. */
  readonly composites?: CompositeAlarms;
  /** `us-east-1 PutTargets`: answered with a refusal, as to somebody who may not. */
  readonly refuses?: () => readonly string[];
}

export interface Asked {
  readonly region: string;
  readonly operation: string;
}

export interface RegionalProxy {
  readonly url: string;
  /** What was asked so far, hung requests included. */
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

export async function regionalProxy(moto: string, options: ProxyOptions = {}): Promise<RegionalProxy> {
  const asked: Asked[] = [];
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing, { moto, options, asked, agent });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

interface Way {
  readonly moto: string;
  readonly options: ProxyOptions;
  readonly asked: Asked[];
  readonly agent: Agent;
}

/** `Credential=AKID/20260101/us-west-2/ecs/aws4_request` (AWS Signature Version 4). */
function regionOf({ headers }: IncomingMessage): string | undefined {
  return /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1];
}

function operationOf({ method = '', url = '/', headers }: IncomingMessage, body: string): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? target;
  return new URLSearchParams(body).get('Action') ?? `${method} ${url.split('?', 1)[0] ?? url}`;
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, way: Way): Promise<void> {
  const { moto, options, asked, agent } = way;
  try {
    const body = await buffer(incoming);
    const region = regionOf(incoming);
    if (region === undefined && options.speed !== undefined) {
      outgoing.writeHead(200, { [clockHeader]: `${Date.now()} ${options.speed}` }).end();
      return;
    }
    const operation = operationOf(incoming, body.toString());
    asked.push({ region: region ?? 'none', operation });
    if (region !== undefined && region === options.hangs) return;
    if (options.refuses?.().includes(`${region} ${operation}`) === true) {
      const refusal = { __type: 'AccessDeniedException', message: `not authorized to perform: ${operation}` };
      outgoing.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(refusal));
      return;
    }
    const { method, headers } = incoming;
    const ask = async (sent: Buffer | string, more: Record<string, string> = {}) => {
      const answered = await new Promise<IncomingMessage>((resolve, reject) => {
        request(new URL(incoming.url ?? '/', moto), { method, headers: { ...headers, ...more }, agent }, resolve)
          .once('error', reject)
          .end(sent);
      });
      return { answered, content: await buffer(answered) };
    };
    if (options.composites !== undefined && /monitoring/.test(headers.authorization ?? '')) {
      // What its own question is about, where that is another one than was asked.
      const target = operation === 'PutCompositeAlarm' ? 'DescribeAlarms' : operation;
      const kept = await options.composites.answer(region ?? '', operation, body.toString(), async (text) => {
        const { answered, content } = await ask(text, {
          'content-length': String(Buffer.byteLength(text)),
          'x-amz-target': `GraniteServiceVersion20100801.${target}`,
        });
        return { status: answered.statusCode ?? 500, body: JSON.parse(content.toString() || '{}') };
      });
      if (kept !== undefined) {
        outgoing
          .writeHead(kept.status, { 'content-type': 'application/x-amz-json-1.0' })
          .end(JSON.stringify(kept.body));
        return;
      }
    }
    const { answered, content } = await ask(body);
    if (options.tasksRun === true && operation === 'DescribeServices' && answered.statusCode === 200) {
      outgoing.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(running(content.toString()));
      return;
    }
    outgoing.writeHead(answered.statusCode ?? 500, answered.headers).end(content);
  } catch {
    outgoing.destroy();
  }
}

interface Counted {
  desiredCount?: number;
  runningCount?: number;
  pendingCount?: number;
  rolloutState?: string;
  deployments?: Counted[];
}

/** The answer, with tasks that run; a restart is over at once. */
function running(text: string): string {
  // moto's own JSON, as ECS's API has it.
  const given = JSON.parse(text) as { services?: Counted[] };
  for (const service of given.services ?? []) {
    const counts = {
      desiredCount: service.desiredCount ?? 0,
      runningCount: service.desiredCount ?? 0,
      pendingCount: 0,
    };
    Object.assign(service, counts);
    for (const deployment of service.deployments ?? []) {
      Object.assign(deployment, counts, { rolloutState: 'COMPLETED' });
    }
  }
  return JSON.stringify(given);
}
