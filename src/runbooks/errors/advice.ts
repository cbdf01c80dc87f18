/** What helps against failing requests: in words, and as a command line that a person can type. */
import type { RankedCause } from '../../diagnosis/known-causes.ts';
import { valueOf } from '../../diagnosis/known.ts';
import { settled } from '../../engine/step.ts';
import { awsCommand } from '../aws-command.ts';
import { decide, type Remediation, type RunbookSettings } from '../kit.ts';
import { rollBack, tailSince } from '../latency/remedies.ts';
import { diagnosis, type Diagnosis } from './diagnosis.ts';
import { serviceState } from './observations.ts';
import type { ServiceState } from '../../cloud/facts.ts';

export const advice = decide('advice', {
  title: 'What helps',
  needs: { diagnosis, state: settled(serviceState) },
  skip: ({ diagnosis: { causes } }) => (causes.length === 0 ? 'there is nothing to mend' : undefined),
  run: ({ diagnosis: found, state }, { settings, now }) => {
    const remedies: Record<string, Remediation> = {};
    for (const cause of found.causes) remedies[cause.cause] = remedyFor(cause, found, valueOf(state), settings, now);
    return remedies;
  },
  detail: (found) => Object.values(found)[0]?.summary ?? 'nothing that nanoops knows of',
});

function remedyFor(
  { cause, component }: RankedCause,
  { symptom, suspect }: Diagnosis,
  state: ServiceState | undefined,
  { site, awsOptions, window }: RunbookSettings,
  now: number,
): Remediation {
  const { compute, api, logs, region } = site;
  const stepId = 'page';
  if (symptom.state === 'over') {
    return { stepId: 'advise', summary: 'nothing to do now: it is over; look again if it comes back' };
  }
  switch (cause) {
    case 'bad-deploy': {
      const since = tailSince(symptom.onset ?? window.to, window.to, now);
      if (compute !== undefined && state !== undefined && suspect !== undefined) {
        return rollBack(compute, state, suspect, { awsOptions, since });
      }
      return { stepId, summary: 'go back to the version before; which one ran is not known' };
    }
    case 'dependency-failing':
      return {
        stepId,
        summary: `call ${component}\u2019s owners; answer without it, or switch the feature off`,
      };
    case 'database-failing':
      return {
        stepId,
        summary: `find out what ${component} does not do: nanoops diagnose database tells connections, locks are in SHOW ENGINE INNODB STATUS`,
        command: 'nanoops diagnose database',
      };
    case 'connection-pool-exhausted':
      return {
        stepId,
        summary: 'look for connections that are not given back; raise the pool\u2019s size if the database takes more',
        command: 'nanoops diagnose latency',
      };
    case 'storage-throttled':
      return {
        stepId,
        summary: `spread the keys of ${component} over more prefixes, ask for less at once, retry with growing pauses`,
      };
    case 'service-overloaded':
    case 'memory-pressure':
      return {
        stepId,
        summary: 'start more tasks: nanoops diagnose latency --fix starts one and sees whether it helps',
        command: 'nanoops diagnose latency --fix',
      };
    case 'network-az':
      return { stepId, summary: `take ${component} out of service if it stays so` };
    case 'targets-unreachable': {
      const isCrashing = state !== undefined && state.running < state.desired;
      if (isCrashing) {
        return {
          stepId,
          summary: `only ${state.running} of ${state.desired} tasks run: see whether they crash`,
          command: 'nanoops diagnose crash-loop',
        };
      }
      const summary = 'see why targets fail their checks: the tasks\u2019 security group, port and health-check path';
      const group = api?.targetGroup;
      return {
        stepId,
        summary,
        ...(state === undefined || group === undefined || state.securityGroups.length === 0
          ? {}
          : {
              command: awsCommand(
                'ec2 describe-security-groups',
                { region, 'group-ids': state.securityGroups },
                awsOptions,
              ),
            }),
      };
    }
    default: {
      const log = logs?.application?.logGroup;
      return {
        stepId,
        summary: `look into what ${component} fails at: its log, and the traces of failed requests`,
        ...(log === undefined ? {} : { command: 'nanoops logs errors' }),
      };
    }
  }
}
