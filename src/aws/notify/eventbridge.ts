/**
 * A receiver of notifications that puts events on an EventBridge bus, for programs. Its clients can do nothing else that
 * changes anything. Knows nothing of what is told, and of other receivers.
 */
import { CloudError } from '../../cloud/errors.ts';
import { eventOf, type NanoopsEvent } from '../../cloud/event.ts';
import type { Delivery, Notification } from '../../cloud/notifier.ts';
import { createClients } from '../clients.ts';
import type { AwsOptions } from '../options.ts';
import { createWiring } from '../wiring.ts';
import { told } from './told.ts';

export interface EventBridgeOptions extends Omit<AwsOptions, 'mode' | 'signal' | 'timeouts'> {
  /** The bus's name; it is in `region`. */
  readonly bus: string;
  readonly region: string;
  /** The source that events carry. */
  readonly source: string;
}

export interface EventBridgeReceiver {
  readonly name: 'eventbridge';
  /** Never rejects; what was not taken resolves with `delivered: false` and the reason. */
  put(event: NanoopsEvent, signal?: AbortSignal): Promise<Delivery>;
  send(notification: Notification, signal?: AbortSignal): Promise<Delivery>;
  test(notification: Notification, signal?: AbortSignal): Promise<Delivery>;
  close(): void;
}

const timeouts = { connectMs: 2_000, requestMs: 5_000 };

/** An entry is at most 256 KB (Amazon EventBridge API Reference, PutEvents); this leaves room for what is not text. */
const longestTextBytes = 200_000;

export function eventBridgeReceiver({ bus, region, source, ...aws }: EventBridgeOptions): EventBridgeReceiver {
  const wiring = createWiring({ ...aws, timeouts, mode: { changes: ['events:PutEvents'] } });
  const clients = createClients(wiring, aws.roles);

  const put: EventBridgeReceiver['put'] = (event, signal) =>
    told({ receiver: 'eventbridge', subject: 'the bus', clock: wiring.clock, signal }, async () => {
      const eventBridge = await clients.eventBridge(region);
      const entry = {
        EventBusName: bus,
        Source: source,
        DetailType: `nanoops ${event.type}`,
        Time: new Date(event.at),
        Detail: JSON.stringify(fitting(event)),
      };
      const { Entries: [answer] = [] } = await eventBridge.putEvents({ Entries: [entry] });
      if (answer?.EventId !== undefined) return `event ${answer.EventId}`;
      throw refusal(region, bus, answer?.ErrorCode, answer?.ErrorMessage);
    });

  return {
    name: 'eventbridge',
    put,
    send: (notification, signal) => put(eventOf(notification), signal),
    test: (notification, signal) => put(eventOf(notification, true), signal),
    close: wiring.close,
  };
}

function fitting(event: NanoopsEvent): NanoopsEvent {
  const { text } = event;
  const bytes = Buffer.from(text ?? '');
  if (bytes.length <= longestTextBytes) return event;
  return { ...event, text: `${new TextDecoder().decode(bytes.subarray(0, longestTextBytes), { stream: true })}…` };
}

/** What the bus says of one entry, in an answer that came well. */
function refusal(region: string, bus: string, code = 'no reason', message = ''): CloudError {
  const kind = code.startsWith('Throttling')
    ? 'throttled'
    : code.startsWith('Internal')
      ? 'service-fault'
      : 'invalid-request';
  return new CloudError(kind, `the bus ${bus} in ${region} did not take it: ${code} ${message}`.trim(), {
    service: 'events',
    operation: 'PutEvents',
    region,
    iamAction: 'events:PutEvents',
    resource: bus,
    awsCode: code,
    nextStep: `see whether the bus is there: aws events describe-event-bus --name ${bus} --region ${region}`,
  });
}
