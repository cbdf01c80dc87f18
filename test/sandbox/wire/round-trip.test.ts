import { NormalizedSchema } from '@smithy/core/schema';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { wireRequestHandler } from '../../../src/sandbox/wire/request-handler.ts';
import { seededRequestIds } from '../../../src/sandbox/wire/request-id.ts';
import type { CallContext } from '../../../src/sandbox/wire/service.ts';
import { createWire } from '../../../src/sandbox/wire/wire.ts';
import { anyText, printable, valueOf, type Making } from './arbitrary.ts';
import { operationCases, type OperationCase } from './operations.ts';

const RUNS = 40;
/** The same values in every run of the tests. */
const SEED = 20_261_123;

describe('what a client sends reaches the service, and what the service answers reaches the client', () => {
  for (const operation of operationCases) {
    const [, , name, , input, output] = operation.schema;
    test(`${operation.service.service}:${name} in ${operation.via ?? operation.service.protocol}`, async () => {
      const inputs = valueOf(NormalizedSchema.of(input), inputMakingOf(operation));
      const outputs = valueOf(NormalizedSchema.of(output), makingOf(operation));
      const exchange = exchanger(operation);
      await fc.assert(
        fc.asyncProperty(asObject(inputs), asObject(outputs), async (sent, answered) => {
          const seen = await exchange(sent, answered);
          // Clients add members of their own (a checksum's algorithm), and change none.
          expect(seen.input).toEqual({ ...seen.input, ...sent });
          expect(Object.keys(seen.input)).toEqual(expect.arrayContaining(Object.keys(sent)));
          expect(seen.output).toEqual(answered);
          expect(seen.call).toMatchObject({ service: operation.service.service, operation: name });
        }),
        { numRuns: RUNS, seed: SEED },
      );
    });
  }
});

function makingOf({ service, via }: OperationCase): Making {
  return {
    text: (via ?? service.protocol).includes('json') ? anyText : printable,
    members: {},
    losesEmptyLists: false,
  };
}

function inputMakingOf(operation: OperationCase): Making {
  return {
    ...makingOf(operation),
    losesEmptyLists: operation.service.protocol === 'ec2-query',
    members: {
      Bucket: fc.constantFrom('nano-zips', 'dotted.bucket.name', 'b23'),
      HostedZoneId: fc.constant('Z123'),
      ChecksumAlgorithm: fc.constantFrom('CRC32', 'SHA256'),
    },
  };
}

function asObject(values: fc.Arbitrary<unknown>): fc.Arbitrary<object> {
  return values.map((value) => (typeof value === 'object' && value !== null ? value : {}));
}

/** A client and a simulated service that answers what it is told to, and tells what it was asked. */
function exchanger(operation: OperationCase) {
  const clock = new VirtualClock(0);
  let input: object = {};
  let call: CallContext | undefined;
  let answer: object = {};
  const wire = createWire({
    services: [
      {
        ...operation.service,
        operations: [
          {
            schema: operation.schema,
            handle(received: object, context) {
              input = received;
              call = context;
              return answer;
            },
          },
        ],
      },
    ],
    gate: () => ({ kind: 'answer', latencyMs: 20 }),
    clock,
    requestIds: seededRequestIds(1),
  });
  const send = operation.connect({
    region: 'us-west-2',
    credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
    maxAttempts: 1,
    requestHandler: wireRequestHandler(wire, { clock }),
  });
  return async (sent: object, answered: object) => {
    answer = answered;
    const { $metadata, ...output } = Object.fromEntries(Object.entries(await send(structuredClone(sent))));
    expect($metadata).toMatchObject({ httpStatusCode: 200, requestId: expect.stringMatching(/^[\da-f-]{36}$/u) });
    return { input, call, output };
  };
}
