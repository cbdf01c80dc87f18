/**
 * Could the application run there? The service, its task definition, images, secrets, room for today's load, and the
 * balancer before it. Pure.
 */
import { scalingKinds, suspensionNames } from '../../cloud/facts.ts';
import type { CertificateState, LoadBalancerState, TaskDefinitionState } from '../../cloud/recovery-facts.ts';
import {
  awsLine,
  breach,
  listed,
  missing,
  notConfigured,
  ok,
  seenIn,
  span,
  unknown,
  unseen,
  warning,
  type Judged,
} from '../judged.ts';
import type { Presence, ReadinessSeen, SiteTold } from './seen.ts';

const dayMs = 86_400_000;
/** ACM renews 60 days ahead; what has half of that left is not being renewed (ACM User Guide, "Managed renewal"). */
const expiresSoonMs = 30 * dayMs;

export function service(seen: ReadinessSeen, told: SiteTold): Judged {
  const { to } = told;
  const { newService } = seen;
  const origin = { operation: 'ecs:DescribeServices', region: to.region };
  const name = to.compute === undefined ? '' : `${to.compute.cluster}/${to.compute.service}`;
  const nextStep = awsLine(
    told,
    to.region,
    ...['ecs', 'describe-services', '--cluster', to.compute?.cluster ?? '', '--services', to.compute?.service ?? ''],
  );
  if (!newService.known) return missing(newService, origin, name, nextStep);
  const { status, desired, running, deployments, source } = newService.value;
  const found = seenIn(source, `${name} is ${status}: ${running} of ${desired} tasks run`);
  if (status !== 'ACTIVE') return breach(`${name} in ${to.region} is ${status}`, found, { nextStep });
  if (deployments.some((each) => each.status === 'primary' && each.rollout === 'failed')) {
    return warning(`the newest deployment of ${name} in ${to.region} failed`, found, { nextStep });
  }
  if (running < desired) {
    return warning(`only ${running} of ${desired} tasks run in ${to.region}`, found, {
      nextStep: 'nanoops diagnose crash-loop',
    });
  }
  return ok(`${running} of ${desired} tasks run`, found);
}

/** `nano/api:60` of `123456789012.dkr.ecr.us-east-1.amazonaws.com/nano/api:60`: what is the same in every region. */
function withoutRegistry(image: string): string {
  return image.replace(/^[^/]*[.:][^/]*\//, '');
}

function versionOf({ arn }: TaskDefinitionState): string {
  return arn.split('/').at(-1) ?? arn;
}

export function taskDefinition(seen: ReadinessSeen, told: SiteTold): Judged {
  const { newTask, oldTask } = seen;
  const { from, to } = told;
  const operation = 'ecs:DescribeTaskDefinition';
  const nextStep = awsLine(
    told,
    to.region,
    ...['ecs', 'describe-services', '--cluster', to.compute?.cluster ?? '', '--services', to.compute?.service ?? ''],
  );
  if (!newTask.known) return missing(newTask, { operation, region: to.region }, 'the task definition', nextStep);
  const fresh = newTask.value;
  const present = fresh.images.map(withoutRegistry);
  const found = seenIn(fresh.source, `${versionOf(fresh)} is ${fresh.status}: ${present.join(', ')}`);
  if (fresh.status !== 'ACTIVE') {
    return breach(`${versionOf(fresh)} in ${to.region} is ${fresh.status}: it starts no new tasks`, found, {
      nextStep,
    });
  }
  if (!oldTask.known) {
    if (oldTask.because === 'skipped') return ok(`${versionOf(fresh)} is there`, found);
    return unknown(`${versionOf(fresh)} is there; which version ${from.region} runs is not known`, found, {
      ...(oldTask.nextStep === undefined ? {} : { nextStep: oldTask.nextStep }),
    });
  }
  const old = oldTask.value.images.map(withoutRegistry);
  const both = [...found, ...seenIn(oldTask.value.source, `${versionOf(oldTask.value)}: ${old.join(', ')}`)];
  const differing = present.filter((image) => !old.includes(image));
  if (differing.length === 0 && present.length === old.length) return ok(`both regions run ${listed(present)}`, both);
  return warning(`${to.region} runs ${listed(present)}, ${from.region} runs ${listed(old)}`, both, { nextStep });
}

export function images(seen: ReadinessSeen, told: SiteTold): Judged {
  const { from, to } = told;
  const origin = { operation: 'ecr:DescribeImages', region: to.region };
  if (!seen.images.known) return unseen(seen.images, origin);
  const all = seen.images.value;
  const found = all.map(({ name, state, detail }) => ({
    source: origin.operation,
    region: to.region,
    detail: `${name}: ${detail ?? state}`,
  }));
  const gone = all.filter(({ state }) => state === 'missing');
  if (gone.length > 0) {
    return breach(`${listed(namesOf(gone))} is not in its registry: no task can be started`, found, {
      nextStep: awsLine(told, to.region, 'ecr', 'describe-repositories'),
    });
  }
  const far = all.filter(({ region }) => region === from.region && region !== to.region);
  if (far.length > 0) {
    return breach(`${listed(namesOf(far))} is pulled from ${from.region}, whose outage takes it along`, found, {
      nextStep: awsLine(told, from.region, 'ecr', 'describe-registry'),
    });
  }
  const unsure = all.find(({ state }) => state === 'unknown');
  if (unsure !== undefined) return unsureOf({ ...unsure, name: withoutRegistry(unsure.name) }, found);
  const there = all.filter(({ state }) => state === 'there');
  const elsewhere = all.length - there.length;
  if (there.length === 0 && elsewhere > 0) {
    return unknown(`whether ${listed(namesOf(all))} can be pulled cannot be asked: it is not in Amazon ECR`, found, {
      nextStep: 'pull it from the recovery region by hand, or keep a copy in Amazon ECR there',
    });
  }
  return ok(
    `${listed(namesOf(there))} is there${elsewhere === 0 ? '' : `; ${elsewhere} more outside Amazon ECR cannot be asked for`}`,
    found,
  );
}

function namesOf(all: readonly Presence[]): readonly string[] {
  return all.map(({ name }) => withoutRegistry(name));
}

function unsureOf({ name, detail, nextStep }: Presence, found: Judged['evidence']): Judged {
  return unknown(
    `whether ${name} is there is not known: ${detail ?? ''}`,
    found,
    nextStep === undefined ? {} : { nextStep },
  );
}

export function secrets(seen: ReadinessSeen, told: SiteTold): Judged {
  const { to } = told;
  if (!seen.secrets.known)
    return unseen(seen.secrets, { operation: 'secretsmanager:DescribeSecret', region: to.region });
  const all = seen.secrets.value;
  const found = all.map(({ name, state, detail }) => ({
    source: name.includes(':secretsmanager:') ? 'secretsmanager:DescribeSecret' : 'ssm:DescribeParameters',
    region: to.region,
    detail: `${name}: ${detail ?? state}`,
  }));
  const gone = all.filter(({ state }) => state === 'missing');
  if (gone.length > 0) {
    return breach(`not in ${to.region}, and no task starts without: ${listed(gone.map(shortName))}`, found, {
      nextStep: awsLine(told, to.region, 'secretsmanager', 'list-secrets'),
    });
  }
  const unsure = all.find(({ state }) => state === 'unknown');
  if (unsure !== undefined) return unsureOf({ ...unsure, name: shortName(unsure) }, found);
  if (all.length === 0) return ok('its tasks are started with none', found);
  return ok(`${listed(all.map(shortName))} ${all.length === 1 ? 'is' : 'are'} there`, found);
}

/** `nano/database-Ab12Cd` of an ARN. */
function shortName({ name }: Presence): string {
  if (!name.startsWith('arn:')) return name;
  const [, , , , , kind = '', ...rest] = name.split(':');
  return kind === 'secret' ? (rest[0] ?? name) : kind.replace(/^parameter\//, '');
}

export function capacity(seen: ReadinessSeen, told: SiteTold): Judged {
  const { oldService, newService, newLimits } = seen;
  const { from, to } = told;
  const origin = { operation: 'application-autoscaling:DescribeScalableTargets', region: to.region };
  if (!newService.known) return unseen(newService, { operation: 'ecs:DescribeServices', region: to.region });
  if (!newLimits.known) return unseen(newLimits, origin);
  const limits = newLimits.value;
  const own = to.compute?.maxTasks;
  const most = Math.min(limits?.max ?? Number.POSITIVE_INFINITY, own ?? Number.POSITIVE_INFINITY);
  const has = newService.value.desired;
  const room = Number.isFinite(most) ? `up to ${most}` : 'without a limit';
  const found = seenIn(
    origin,
    `${limits === null ? 'nobody scales it' : `Auto Scaling keeps ${limits.min} to ${limits.max} tasks`}, ${has} now${own === undefined ? '' : `; compute.maxTasks ${own}`}`,
  );
  if (!oldService.known || oldService.value.desired === 0) {
    if (!oldService.known && oldService.because === 'skipped') return notConfigured(oldService.reason);
    const next = oldService.known ? undefined : oldService.nextStep;
    return unknown(
      `${has} tasks run, ${room}; how many today\u2019s load needs is not known: ${oldService.known ? `${from.region} runs none` : 'it is not told'}`,
      found,
      next === undefined ? {} : { nextStep: next },
    );
  }
  const needed = oldService.value.desired;
  const both = [...found, ...seenIn(oldService.value.source, `${needed} tasks are wanted in ${from.region}`)];
  const extras = {
    observed: { value: Math.max(most === Infinity ? needed : most, has), unit: 'count' },
    target: `\u2265 ${needed}`,
  };
  if (Math.max(most, has) < needed) {
    return breach(`${to.region} may run ${Math.max(most, has)} tasks, today\u2019s load needs ${needed}`, both, {
      ...extras,
      nextStep:
        own !== undefined && own < needed
          ? 'raise compute.maxTasks in nanoops.yaml'
          : awsLine(
              told,
              to.region,
              ...['application-autoscaling', 'register-scalable-target', '--service-namespace', 'ecs'],
              ...['--scalable-dimension', 'ecs:service:DesiredCount', '--resource-id'],
              `service/${to.compute?.cluster ?? ''}/${to.compute?.service ?? ''}`,
              ...['--max-capacity', String(needed)],
            ),
    });
  }
  if (limits !== null && limits.suspended.length > 0) {
    const state = scalingKinds.map((kind) => `${suspensionNames[kind]}=false`).join(',');
    return warning(
      `Auto Scaling is suspended in ${to.region} (${limits.suspended.join(', ')}): the service does not follow its load`,
      both,
      {
        ...extras,
        nextStep: awsLine(
          told,
          to.region,
          ...['application-autoscaling', 'register-scalable-target', '--service-namespace', 'ecs'],
          ...['--scalable-dimension', 'ecs:service:DesiredCount', '--resource-id'],
          `service/${to.compute?.cluster ?? ''}/${to.compute?.service ?? ''}`,
          ...['--suspended-state', state],
        ),
      },
    );
  }
  return ok(`${has} tasks run, ${needed} are needed, ${room} are allowed`, both, extras);
}

export function loadBalancer(seen: ReadinessSeen, told: SiteTold): Judged {
  const { to } = told;
  const { newBalancer } = seen;
  const origin = { operation: 'elasticloadbalancing:DescribeLoadBalancers', region: to.region };
  const nextStep = awsLine(told, to.region, 'elbv2', 'describe-load-balancers');
  if (!newBalancer.known) return missing(newBalancer, origin, to.api?.loadBalancer ?? 'the load balancer', nextStep);
  const { state, dnsName, source } = newBalancer.value;
  const found = seenIn(source, `${dnsName} is ${state}`);
  if (state === 'active') return ok(`${dnsName} is active`, found);
  const text = `${dnsName} is ${state}`;
  return state === 'active_impaired' ? warning(text, found, { nextStep }) : breach(text, found, { nextStep });
}

export function targets(seen: ReadinessSeen, told: SiteTold): Judged {
  const { to } = told;
  const origin = { operation: 'elasticloadbalancing:DescribeTargetHealth', region: to.region };
  const nextStep = 'nanoops diagnose crash-loop';
  if (!seen.targets.known) return missing(seen.targets, origin, 'the target group', nextStep);
  const all = seen.targets.value.filter(({ state }) => state !== 'draining');
  const healthy = all.filter(({ state }) => state === 'healthy').length;
  const reasons = [...new Set(all.flatMap(({ state, reason }) => (state === 'healthy' ? [] : [reason ?? state])))];
  const text = `${healthy} of ${all.length} targets are healthy${reasons.length === 0 ? '' : ` (${listed(reasons)})`}`;
  const found = seenIn(origin, text);
  if (all.length === 0) {
    // A service that is kept at nought has none, and gets them when it is needed.
    const isWanted = seen.newService.known && seen.newService.value.desired > 0;
    return isWanted
      ? breach(`no target is registered in ${to.region}, though tasks should run`, found, { nextStep })
      : warning(`no task runs in ${to.region}: all of them have to be started first`, found);
  }
  if (healthy === 0) return breach(text, found, { nextStep });
  return healthy < all.length ? warning(text, found, { nextStep }) : ok(text, found);
}

function isEncrypted({ listeners }: LoadBalancerState): boolean {
  return listeners.some(({ protocol }) => protocol === 'HTTPS' || protocol === 'TLS');
}

/** Whether a name of a certificate covers a host: a star stands for one label (RFC 6125, 6.4.3). */
export function covers(certified: string, host: string): boolean {
  const [name, wanted] = [certified.toLowerCase(), host.toLowerCase()];
  return name === wanted || (name.startsWith('*.') && wanted.split('.').slice(1).join('.') === name.slice(2));
}

type Grade = 'ok' | 'warning' | 'breach';

function gradeOf({ status, expiresAt }: CertificateState, nowMs: number): Grade {
  if (status !== 'ISSUED' || (expiresAt !== undefined && expiresAt <= nowMs)) return 'breach';
  return expiresAt !== undefined && expiresAt - nowMs <= expiresSoonMs ? 'warning' : 'ok';
}

export function certificate(seen: ReadinessSeen, told: SiteTold): Judged {
  const { to, from, traffic, nowMs } = told;
  const { newBalancer, oldBalancer } = seen;
  const listeners = { operation: 'elasticloadbalancing:DescribeListeners', region: to.region };
  const origin = { operation: 'acm:DescribeCertificate', region: to.region };
  const nextStep = awsLine(told, to.region, 'acm', 'list-certificates');
  if (!newBalancer.known) return unseen(newBalancer, listeners);
  if (!isEncrypted(newBalancer.value)) {
    const found = seenIn(listeners, `${newBalancer.value.dnsName} has no listener for HTTPS`);
    const text = `the load balancer in ${to.region} has no listener for HTTPS`;
    if (oldBalancer.known && !isEncrypted(oldBalancer.value)) return notConfigured('neither region serves HTTPS');
    return oldBalancer.known
      ? breach(`${text}, the one in ${from.region} has`, found, { nextStep })
      : warning(text, found, { nextStep });
  }
  if (!seen.certificates.known) {
    return missing(seen.certificates, origin, 'a certificate of the load balancer', nextStep);
  }
  const all = seen.certificates.value;
  const found = all.flatMap((each) => seenIn(origin, certificateText(each)));
  const fitting =
    traffic === undefined ? all : all.filter(({ names }) => names.some((name) => covers(name, traffic.record)));
  if (fitting.length === 0) {
    return breach(
      `no certificate in ${to.region} covers ${traffic?.record ?? 'anything'}: ${listed(all.flatMap(({ names }) => names)) || 'there is none'}`,
      found,
      { nextStep },
    );
  }
  // The balancer presents the best that it has for a name.
  const order: readonly Grade[] = ['ok', 'warning', 'breach'];
  const best = fitting.toSorted((a, b) => order.indexOf(gradeOf(a, nowMs)) - order.indexOf(gradeOf(b, nowMs)))[0];
  if (best === undefined) return notConfigured('there is no certificate');
  const left = best.expiresAt === undefined ? undefined : best.expiresAt - nowMs;
  const extras = {
    target: `> ${span(expiresSoonMs)} left`,
    ...(left === undefined ? {} : { observed: { value: left, unit: 'ms', atMs: nowMs } }),
  };
  const name = best.names[0] ?? best.arn;
  if (best.status !== 'ISSUED') {
    return breach(`the certificate of ${name} in ${to.region} is ${best.status}`, found, { ...extras, nextStep });
  }
  switch (gradeOf(best, nowMs)) {
    case 'breach':
      return breach(`the certificate of ${name} in ${to.region} has run out`, found, { ...extras, nextStep });
    case 'warning':
      return warning(`the certificate of ${name} in ${to.region} runs out in ${span(left ?? 0)}`, found, {
        ...extras,
        nextStep,
      });
    case 'ok':
      return ok(`${name} is certified${left === undefined ? '' : ` for ${span(left)} more`}`, found, extras);
  }
}

function certificateText({ arn, status, names, expiresAt }: CertificateState): string {
  const until = expiresAt === undefined ? '' : ` until ${new Date(expiresAt).toISOString().slice(0, 10)}`;
  return `${arn.split('/').at(-1) ?? arn}: ${status}${until}, ${names.join(', ')}`;
}
