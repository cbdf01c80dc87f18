/** Every call by which `alerts apply` and `dashboard apply` may change something. */
import { monitoringOperations } from '../cloud/monitoring.ts';

export const monitoringChanges: readonly string[] = [
  ...new Set(Object.values(monitoringOperations).flatMap((each) => Object.values(each))),
].toSorted();
