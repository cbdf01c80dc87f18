/** The forecast of capacity as one run that only looks: what is looked at, and the picture that it makes. */
import { runbook, type Conclusion, type Runbook } from '../../engine/runbook.ts';
import { decide, type CheckPorts, type CheckSettings } from '../kit.ts';
import { verdictOf } from '../verdict.ts';
import { capacityObservations, capacitySeen } from './capacity-observations.ts';
import { capacityOf, statusOfResource, statusOfUsers, type Capacity } from './capacity-picture.ts';

export interface ForecastConclusion extends Conclusion {
  readonly capacity: Capacity;
}

export type Forecast = Runbook<ForecastConclusion, CheckPorts, CheckSettings>;

/** `horizonMs`: what is reached within it needs attention; where only a breach does, what is reached already. */
export function forecastOf(horizonMs: number, failOn: 'warning' | 'breach'): Forecast {
  const conclusion = decide('capacity-forecast', {
    title: 'When it runs short',
    needs: capacitySeen,
    run: (seen, { settings }): ForecastConclusion => {
      const capacity = capacityOf(seen, settings);
      const statuses = [
        statusOfUsers(capacity, horizonMs),
        ...capacity.resources.map((resource) => statusOfResource(resource, capacity, horizonMs)),
      ];
      // Where nothing is configured there is nothing to tell, which is no good news.
      const isBlank = statuses.every((status) => status === 'not-configured');
      return {
        verdict: isBlank
          ? 'unknown'
          : verdictOf(
              statuses.map((status) => ({ status })),
              failOn,
            ),
        capacity,
      };
    },
    detail: ({ capacity }) => `${capacity.resources.length} resources`,
  });
  return runbook({
    id: 'capacity-forecast',
    title: 'Capacity forecast',
    summary: 'Looks at five weeks of use and users, and says when each limit is reached',
    steps: [...capacityObservations, conclusion],
    conclusion,
  });
}
