/** The client of nanoops' own metrics sends one operation, whoever asks it for another. */
import * as cloudWatch from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import { createWiring } from '../../src/aws/wiring.ts';
import { fakeClock, fakeEndpoint, testCredentials } from './fake-endpoint.ts';

function clientOf(only: readonly string[]) {
  const endpoint = fakeEndpoint(() => ({ body: {} }));
  const options = { clock: fakeClock(), random: () => 0, credentials: testCredentials, requestHandler: endpoint };
  const wiring = createWiring({ ...options, mode: { only } });
  const client = new cloudWatch.CloudWatchClient(wiring.settings('us-east-1', testCredentials));
  return { endpoint, send: wiring.connect('cloudwatch', 'us-east-1', client).send, client };
}

const data = { Namespace: 'Nanoops', MetricData: [{ MetricName: 'RTO', Value: 1 }] };

test('what is named is sent', async () => {
  const { endpoint, send } = clientOf(['cloudwatch:PutMetricData']);
  await send(new cloudWatch.PutMetricDataCommand(data));
  expect(endpoint.asked).toHaveLength(1);
});

test.each([
  ['a read', new cloudWatch.ListMetricsCommand({})],
  ['a change', new cloudWatch.DeleteAlarmsCommand({ AlarmNames: ['a'] })],
])('%s is refused before it is sent, by the client itself too', async (_what, command) => {
  const { endpoint, client } = clientOf(['cloudwatch:PutMetricData']);
  // Whichever it is, the client takes it.
  await expect(client.send(command as cloudWatch.ListMetricsCommand)).rejects.toMatchObject({
    kind: 'refused-by-guard',
  });
  expect(endpoint.asked).toEqual([]);
});
