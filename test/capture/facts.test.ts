import { expect, test } from 'vitest';

import type { CapturedAnswer } from '../../src/capture/capture.ts';
import { recordedFacts, replayedFacts } from '../../src/capture/facts.ts';
import { CloudError } from '../../src/cloud/errors.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { FakeCloud } from '../fakes/cloud.ts';

const planted = 'ada.lovelace@example.com';
const group = (logGroup: string) => ({ region: 'us-west-2', logGroup });
const window = { from: 0, to: 60_000 };

const denied = () =>
  new CloudError('permission', `${planted} may not`, {
    service: 'logs',
    operation: 'FilterLogEvents',
    region: 'us-west-2',
    iamAction: 'logs:FilterLogEvents',
    resource: `logs of ${planted}`,
    nextStep: `ask ${planted}`,
  });

test('neither a question nor a failure keeps what nobody else may read, and a replay finds both', async () => {
  const clock = new VirtualClock(60_000);
  const { facts } = new FakeCloud({ errorLines: denied() }, { region: 'us-west-2', clock });
  const kept: CapturedAnswer[] = [];
  const recorded = recordedFacts(facts, clock, (answer) => void kept.push(answer));
  await expect(recorded.errorLines(group(`of ${planted}`), window, 5)).rejects.toThrow('<email> may not');
  expect(JSON.stringify(kept)).not.toContain(planted);
  const replayed = replayedFacts(JSON.parse(JSON.stringify(kept)), clock);
  const failure = await replayed.errorLines(group('of <email>'), window, 5).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(CloudError);
  expect(failure).toMatchObject({
    kind: 'permission',
    details: { resource: 'logs of <email>', nextStep: 'ask <email>' },
  });
  await expect(replayed.errorLines(group('another'), window, 5)).rejects.toThrow('holds no answer');
});
