/**
 * A way to moto on which requests queue. DynamoDB carries out a conditional write, and a transaction, as a whole; moto's
 * threads look and then write, and undo a refused transaction by putting the whole table back. In a queue they cannot
 * get in between each other, and whoever races does so as on DynamoDB: request against request.
 */
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Queue {
  readonly url: string;
  close(): Promise<void>;
}

export async function oneAtATime(url: string): Promise<Queue> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let last: Promise<unknown> = Promise.resolve();
  const server = createServer((incoming, outgoing) => {
    last = last.then(() => forward(incoming, outgoing, url, agent));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

/** Resolves when the answer is there; a connection that breaks is passed on as one that breaks. */
async function forward(incoming: IncomingMessage, outgoing: ServerResponse, url: string, agent: Agent): Promise<void> {
  try {
    const body = await buffer(incoming);
    const { method, headers } = incoming;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(new URL(incoming.url ?? '/', url), { method, headers, agent }, resolve)
        .once('error', reject)
        .end(body);
    });
    const content = await buffer(answer);
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(content);
  } catch {
    outgoing.destroy();
  }
}
