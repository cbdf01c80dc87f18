/**
 * Whether the region that takes over has what its tasks need to start and to be reached: images, secrets, certificates. None
 * of it is copied by a move; it is there before, or not at all.
 */
import { readinessBlockers } from '../../checks/readiness/readiness.ts';
import type { Presence } from '../../checks/readiness/seen.ts';
import { classOf, nextStepOf } from '../../engine/errors.ts';
import { settled } from '../../engine/step.ts';
import { decide, observe } from '../kit.ts';
import { newBalancer, newService } from './observations.ts';
import { moveOf } from './settings.ts';

export const newTask = observe('new-task', {
  title: 'Recovery: what its tasks are made of',
  where: 'to',
  needs: { service: newService },
  calls: ['ecs:DescribeTaskDefinition'],
  run: ({ service }, { ports, settings }) =>
    ports.facts.taskDefinition(moveOf(settings).to.region, service.taskDefinition),
  detail: ({ arn, images }) => `${arn.split('/').at(-1) ?? arn}: ${images.join(', ')}`,
});

/** One that cannot be asked for hides none of the others. */
export async function presence(name: string, ask: () => Promise<Presence['state']>): Promise<Presence> {
  try {
    return { name, state: await ask() };
  } catch (error) {
    if (classOf(error) === 'defect') throw error;
    const nextStep = nextStepOf(error);
    return {
      name,
      state: 'unknown',
      detail: error instanceof Error ? error.message : String(error),
      ...(nextStep === undefined ? {} : { nextStep }),
    };
  }
}

/** The region of a registry of Amazon ECR. */
const registryRegion = /\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\./;

export const images = observe('images', {
  title: 'Recovery: images',
  where: 'to',
  needs: { task: newTask },
  calls: ['ecr:DescribeImages'],
  timeoutMs: 20_000,
  run: ({ task }, { ports, settings }): Promise<readonly Presence[]> =>
    Promise.all(
      [...new Set(task.images)].map(async (image) => {
        const region = registryRegion.exec(image)?.[1];
        const found = await presence(image, async () => {
          const exists = await ports.facts.imageExists(moveOf(settings).to.region, image);
          return exists === undefined ? 'elsewhere' : exists ? 'there' : 'missing';
        });
        return { ...found, ...(region === undefined ? {} : { region }) };
      }),
    ),
  detail: statesText,
});

export const secrets = observe('secrets', {
  title: 'Recovery: secrets',
  where: 'to',
  needs: { task: newTask },
  calls: ['secretsmanager:DescribeSecret', 'ssm:DescribeParameters'],
  run: ({ task }, { ports, settings }): Promise<readonly Presence[]> =>
    Promise.all(
      [...new Set(task.secrets)].map((secret) =>
        presence(secret, async () =>
          (await ports.facts.secretExists(moveOf(settings).to.region, secret)) ? 'there' : 'missing',
        ),
      ),
    ),
  detail: statesText,
});

export const certificates = observe('certificates', {
  title: 'Recovery: certificates',
  where: 'to',
  needs: { balancer: newBalancer },
  calls: ['acm:DescribeCertificate'],
  run: ({ balancer }, { ports, settings }) =>
    Promise.all(
      [...new Set(balancer.listeners.flatMap((listener) => listener.certificates))].map((arn) =>
        ports.facts.certificate(moveOf(settings).to.region, arn),
      ),
    ),
  detail: (found) => `${found.length} found`,
});

function statesText(all: readonly Presence[]): string {
  return `${all.filter(({ state }) => state === 'there').length} of ${all.length} are there`;
}

export const fitness = decide('fitness', {
  title: 'Next: what tasks need is there',
  needs: {
    newTask: settled(newTask),
    images: settled(images),
    secrets: settled(secrets),
    newBalancer: settled(newBalancer),
    certificates: settled(certificates),
  },
  run: (seen, { settings, now }): readonly string[] =>
    readinessBlockers(seen, { ...moveOf(settings), nowMs: now, awsOptions: settings.awsOptions }),
  detail: (reasons) => (reasons.length === 0 ? 'nothing that was seen speaks against it' : reasons.join('; ')),
});
