/** GuardDuty, as far as facts need it. */
import {
  GetDetectorCommand,
  GetFindingsCommand,
  GuardDutyClient,
  ListDetectorsCommand,
  ListFindingsCommand,
  type GetDetectorCommandInput,
  type GetFindingsCommandInput,
  type ListDetectorsCommandInput,
  type ListFindingsCommandInput,
} from '@aws-sdk/client-guardduty';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectGuardDuty(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('guardduty', settings.region, new GuardDutyClient(settings));
  return {
    listDetectors: (input: ListDetectorsCommandInput) =>
      send(new ListDetectorsCommand(input), { lists: ['DetectorIds'] }),
    getDetector: (input: GetDetectorCommandInput) => send(new GetDetectorCommand(input), { members: ['Status'] }),
    listFindings: (input: ListFindingsCommandInput) => send(new ListFindingsCommand(input), { lists: ['FindingIds'] }),
    getFindings: (input: GetFindingsCommandInput) => send(new GetFindingsCommand(input), { lists: ['Findings'] }),
  };
}
