/** Routing clusters over real sockets: an endpoint that hangs is given up soon, on the system's own time. */
import { afterEach, expect, it } from 'vitest';
import { openAws } from '../../src/aws/open-aws.ts';
import { testCredentials, fakeClock } from './fake-endpoint.ts';
import { serve, type LocalServer } from './local-server.ts';

const servers: LocalServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function endpointThat(respond: Parameters<typeof serve>[0], region: string) {
  const server = await serve(respond);
  servers.push(server);
  return { region, url: server.url };
}

// The limit of the test is less than the ten seconds that any other service is given.
it('an endpoint that hangs is left for the next one, by looks and by changes', { timeout: 9_000 }, async () => {
  const bodies: string[] = [];
  const hanging = await endpointThat(() => {}, 'us-west-2');
  const answering = await endpointThat((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      bodies.push(text);
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(text.includes('Entries') ? '{}' : '{"RoutingControlArn":"arn","RoutingControlState":"On"}');
    });
  }, 'us-east-1');
  const changes = ['route53-recovery-cluster:UpdateRoutingControlStates'];
  const aws = { clock: fakeClock(), random: () => 0.5, credentials: testCredentials, mode: { changes } };
  const [looking, acting] = [openAws(aws), openAws(aws)];
  try {
    const [told] = await Promise.all([
      looking.facts.routingControls([hanging, answering], ['arn']),
      acting.changes.setRoutingControls([hanging, answering], { arn: 'off' }),
    ]);
    expect(told).toEqual({ arn: 'on' });
    expect(bodies.map((body): unknown => JSON.parse(body))).toEqual(
      expect.arrayContaining([
        { RoutingControlArn: 'arn' },
        { UpdateRoutingControlStateEntries: [{ RoutingControlArn: 'arn', RoutingControlState: 'Off' }] },
      ]),
    );
  } finally {
    looking.close();
    acting.close();
  }
});
