/** Cost Explorer, as far as facts need it. */
import {
  CostExplorerClient,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
} from '@aws-sdk/client-cost-explorer';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectCostExplorer(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('ce', settings.region, new CostExplorerClient(settings));
  return {
    getCostAndUsage: (input: GetCostAndUsageCommandInput) =>
      send(new GetCostAndUsageCommand(input), { lists: ['ResultsByTime'] }),
  };
}
