/** X-Ray, as far as facts need it. */
import {
  BatchGetTracesCommand,
  GetServiceGraphCommand,
  GetTimeSeriesServiceStatisticsCommand,
  GetTraceSegmentDestinationCommand,
  GetTraceSummariesCommand,
  XRayClient,
  type BatchGetTracesCommandInput,
  type GetServiceGraphCommandInput,
  type GetTimeSeriesServiceStatisticsCommandInput,
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
    getServiceGraph: (input: GetServiceGraphCommandInput) =>
      send(new GetServiceGraphCommand(input), { lists: ['Services'] }),
    getTimeSeriesServiceStatistics: (input: GetTimeSeriesServiceStatisticsCommandInput) =>
      send(new GetTimeSeriesServiceStatisticsCommand(input), { lists: ['TimeSeriesServiceStatistics'] }),
    getTraceSegmentDestination: (input: GetTraceSegmentDestinationCommandInput) =>
      send(new GetTraceSegmentDestinationCommand(input), { members: ['Destination'] }),
  };
}
