/** What an account costs, as Cost Explorer has it. Loaded when it is asked for. */
import type { CostFacts } from '../../cloud/cost-facts.ts';
import { remembering } from './remembered.ts';
import type { FactTools } from './tools.ts';

export function costFacts(tools: FactTools): CostFacts {
  return {
    dailyCosts: remembering(async (account, span) => {
      const { dailyCosts } = await tools.wiring.clock.busy(() => import('./daily-costs.ts'));
      return dailyCosts(tools, account, span);
    }),
  };
}
