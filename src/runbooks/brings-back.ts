/** Whether one change of something brought back what another one had changed. */
import { isSame } from './equal.ts';

interface Made {
  readonly operation: string;
  readonly region: string;
  readonly resource: string;
  readonly before?: object | undefined;
  readonly after?: object | undefined;
}

/** What moves the writer of a global database is asked of one region or the other, whichever way it goes. */
const movesOfGlobalCluster: readonly string[] = ['rds:SwitchoverGlobalCluster', 'rds:FailoverGlobalCluster'];

/** True where the later change of the same thing left what was before the earlier one. */
export function bringsBack(later: Made, earlier: Made): boolean {
  const isSameThing =
    later.operation === earlier.operation
      ? later.region === earlier.region || movesOfGlobalCluster.includes(later.operation)
      : movesOfGlobalCluster.includes(later.operation) && movesOfGlobalCluster.includes(earlier.operation);
  return (
    isSameThing &&
    later.resource === earlier.resource &&
    later.before !== undefined &&
    earlier.before !== undefined &&
    isSame(later.before, earlier.after) &&
    isSame(later.after, earlier.before)
  );
}
