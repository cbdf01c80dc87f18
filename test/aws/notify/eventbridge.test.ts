/** An event bus: what is put on it, and what is said of one that does not take it. */
import { describe, expect, it } from 'vitest';
import { eventBridgeReceiver } from '../../../src/aws/notify/eventbridge.ts';
import { snsReceiver } from '../../../src/aws/notify/sns.ts';
import { eventDocument } from '../../../src/report/schemas.ts';
import { never, notification, ofIncident } from '../../notify/stage.ts';
import { fakeClock, fakeEndpoint, testCredentials, type Answer, type Asked } from '../fake-endpoint.ts';

type Respond = (asked: Asked, count: number) => Answer | Promise<Answer>;

function options(respond: Respond) {
  const endpoint = fakeEndpoint(respond);
  return {
    endpoint,
    aws: { clock: fakeClock(), random: () => 0.5, credentials: testCredentials, requestHandler: endpoint },
  };
}

function busOn(respond: Respond) {
  const { endpoint, aws } = options(respond);
  const receiver = eventBridgeReceiver({ ...aws, bus: 'ops', region: 'us-east-1', source: 'nano.ops' });
  return { endpoint, receiver };
}

/** The one entry that was put, as it went over the wire. */
function entryOf(asked: Asked | undefined): Readonly<Record<string, unknown>> & { readonly Detail: string } {
  const entries = asked?.input['Entries'];
  const entry: unknown = Array.isArray(entries) ? entries[0] : undefined;
  return { Detail: '', ...Object(entry) };
}

const taken: Answer = { body: { FailedEntryCount: 0, Entries: [{ EventId: 'e-1' }] } };

describe('a bus', () => {
  it('gets an entry in its own region, of the documented form', async () => {
    const { endpoint, receiver } = busOn(() => taken);
    expect(await receiver.send(ofIncident('opened'), never())).toEqual({
      receiver: 'eventbridge',
      delivered: true,
      detail: 'the bus took it: event e-1',
    });
    expect(endpoint.asked.map(({ host, operation }) => [host, operation])).toEqual([
      ['events.us-east-1.amazonaws.com', 'PutEvents'],
    ]);
    const entry = entryOf(endpoint.asked[0]);
    expect(entry).toMatchObject({ EventBusName: 'ops', Source: 'nano.ops', DetailType: 'nanoops incident' });
    expect(eventDocument.strict().parse(JSON.parse(entry.Detail))).toMatchObject({
      id: ofIncident('opened').key,
      incident: { id: 'INC-7', severity: 'SEV-1', change: 'opened' },
    });
  });

  it('gets no more than it takes, and no half of a character', async () => {
    const { endpoint, receiver } = busOn(() => taken);
    await receiver.send({ ...notification, text: '\u{1f525}'.repeat(200_000) });
    const entry = entryOf(endpoint.asked[0]);
    expect(Buffer.byteLength(JSON.stringify(entry))).toBeLessThan(256 * 1_024);
    expect(JSON.parse(entry.Detail).text).toMatch(/^(?:\u{1f525})+…$/u);
  });

  it.each([
    ['InternalFailure', true],
    ['ThrottlingException', true],
    ['NotAuthorizedForSourceException', undefined],
  ])('that refuses the entry in an answer that came well says why: %s', async (ErrorCode, later) => {
    const entry = { ErrorCode, ErrorMessage: 'sorry' };
    const { receiver } = busOn(() => ({ body: { FailedEntryCount: 1, Entries: [entry] } }));
    const delivery = await receiver.send(notification);
    expect(delivery).toMatchObject({ delivered: false, detail: expect.stringContaining(`${ErrorCode} sorry`) });
    expect(delivery.mayBeTakenLater).toBe(later);
  });
});

const failing = (status: number, code: string): Answer => ({ status, body: { __type: code, message: 'sorry' } });
const failingXml = (status: number, code: string): Answer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>sorry</Message></Error></ErrorResponse>`,
});

function breaking(code: string): Respond {
  return () => {
    throw Object.assign(new Error(code), { code, syscall: code === 'ECONNREFUSED' ? 'connect' : 'read' });
  };
}

describe.each([
  ['a bus', (respond: Respond) => busOn(respond), failing],
  [
    'a topic',
    (respond: Respond) => {
      const { endpoint, aws } = options(respond);
      return { endpoint, receiver: snsReceiver({ ...aws, topicArn: 'arn:aws:sns:us-east-1:123456789012:ops' }) };
    },
    failingXml,
  ],
] as const)('%s that fails knows no message again', (_what, on, refused) => {
  it.each<[string, Respond, boolean, number]>([
    ['is throttled', () => refused(400, 'ThrottlingException'), true, 2],
    ['answers 500', () => refused(500, 'InternalFailure'), true, 2],
    ['cannot be reached', breaking('ECONNREFUSED'), true, 2],
    ['may have taken it: its answer was lost', breaking('ECONNRESET'), false, 1],
    ['refuses it', () => refused(403, 'AccessDeniedException'), false, 1],
  ])('%s', async (_how, respond, mayBeTakenLater, asked) => {
    const { endpoint, receiver } = on(respond);
    const delivery = await receiver.send(notification);
    expect(delivery.delivered).toBe(false);
    // So it is sent later only where it is sure that it was not taken.
    expect(delivery.mayBeTakenLater === true).toBe(mayBeTakenLater);
    expect(endpoint.asked).toHaveLength(asked);
  });

  it('hangs: it is given up when the time is up, and not sent later', async () => {
    const stop = new AbortController();
    const { receiver } = on(() => new Promise<Answer>(() => stop.abort()));
    const delivery = await receiver.send(notification, stop.signal);
    expect(delivery).toMatchObject({ delivered: false, detail: expect.stringContaining('no answer') });
    expect(delivery.mayBeTakenLater).toBeUndefined();
  });
});
