/** What helps against each cause: in words, and as a command line that a person can type. */
import { failoverTarget } from '../../diagnosis/database/failover-target.ts';
import { valueOf } from '../../diagnosis/known.ts';
import { settled } from '../../engine/step.ts';
import { decide, type Remediation } from '../kit.ts';
import { diagnosis } from './diagnosis.ts';
import { connectionLimit, databaseLoad, databaseState, serviceState } from './observations.ts';
import { remedyFor, type Scene } from './remedies.ts';

export const advice = decide('advice', {
  title: 'What helps',
  needs: {
    diagnosis,
    database: settled(databaseState),
    load: settled(databaseLoad),
    limit: settled(connectionLimit),
    service: settled(serviceState),
  },
  skip: ({ diagnosis: { causes } }) => (causes.length === 0 ? 'there is nothing to mend' : undefined),
  run: ({ diagnosis: { causes, undecided }, database, load, limit, service }, { settings }) => {
    const { site, awsOptions, runId } = settings;
    const state = valueOf(database);
    const scene: Scene = {
      region: site.region,
      runId,
      awsOptions,
      database: site.database,
      compute: site.compute,
      state,
      target: state === undefined ? undefined : failoverTarget(state),
      service: valueOf(service),
      load,
      limit,
      serviceState: service,
      undecided,
    };
    const found: Record<string, Remediation> = {};
    for (const { cause } of causes) {
      const remedy = remedyFor(cause, scene);
      if (remedy !== undefined) found[cause] = remedy;
    }
    return found;
  },
  detail: (found) => Object.values(found)[0]?.summary ?? 'nothing that nanoops knows of',
});
