/** X-Ray, as far as facts need it. */
import {
  BatchGetTracesCommand,
  GetTraceSegmentDestinationCommand,
  GetTraceSummariesCommand,
  XRayClient,
  type BatchGetTracesCommandInput,
  type GetTraceSegmentDestinationCommandInput,
  type GetTraceSummariesCommandInput,
} from '@aws-sdk/client-xray';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectXRay(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('xray', settings.region, new XRayClient(settings));
  return {
    getTraceSummaries: (input: GetTraceSummariesCommandInput) =>
      send(new GetTraceSummariesCommand(input), { lists: ['TraceSummaries'] }),
    batchGetTraces: (input: BatchGetTracesCommandInput) =>
      send(new BatchGetTracesCommand(input), { lists: ['Traces'] }),
    getTraceSegmentDestination: (input: GetTraceSegmentDestinationCommandInput) =>
      send(new GetTraceSegmentDestinationCommand(input), { members: ['Destination'] }),
  };
}
