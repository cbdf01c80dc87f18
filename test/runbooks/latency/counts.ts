/** A raised minimum, as a plan holds it. */
import { planScaleOut, reverseCount } from '../../../src/runbooks/service-changes.ts';

const source = { operation: 'ecs:DescribeServices', region: 'us-west-2', detail: '' };
const plan = planScaleOut(
  { region: 'us-west-2', cluster: 'nano', service: 'nano-api' },
  {
    status: 'ACTIVE',
    desired: 6,
    running: 6,
    pending: 0,
    taskDefinition: 'nano-api:1',
    deployments: [],
    events: [],
    subnets: [],
    securityGroups: [],
    source,
  },
  { min: 6, max: 20, policies: [], suspended: [] },
);
if (!('change' in plan)) throw new TypeError('a task more fits');

export const countChange = plan.change;
export const reverseCountOf = reverseCount;
