/** How much names and tags say that things belong together. */
import type { Tags } from '../cloud/inventory.ts';

/** Words that say what a thing is, or which of several it is, and not whose. */
const general = new Set(
  (
    'api app application service svc server web www http https public internal external main core default primary ' +
    'db database aurora mysql postgres postgresql rds cluster instance writer reader cache redis valkey elasticache ' +
    'bucket s3 store storage data files uploads table dynamodb session sessions alb lb elb balancer tg targetgroup ' +
    'ecs fargate task tasks aws cdn logs log global'
  ).split(' '),
);

const environments: Readonly<Record<string, string>> = {
  prod: 'prod',
  production: 'prod',
  prd: 'prod',
  live: 'prod',
  staging: 'staging',
  stage: 'staging',
  stg: 'staging',
  dev: 'dev',
  development: 'dev',
  test: 'test',
  testing: 'test',
  qa: 'test',
  sandbox: 'test',
  demo: 'demo',
  preview: 'preview',
};

/** Words of what stands by. */
const standby = new Set(['dr', 'recovery', 'replica', 'standby', 'secondary', 'failover', 'backup', 'backups', 'copy']);

function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

function tellingWords(names: readonly string[]): ReadonlySet<string> {
  const words = names.flatMap(wordsOf);
  const telling = words.filter((word) => !general.has(word) && !standby.has(word) && environments[word] === undefined);
  return new Set(telling.length > 0 ? telling : words);
}

/** The environment that names speak of, as it is usually called. */
export const environmentIn = (names: readonly string[]): string | undefined =>
  names
    .flatMap(wordsOf)
    .map((word) => environments[word])
    .find((each) => each !== undefined);

/** The words of a name that names of the service have too. */
export function sharedWords(name: string, anchors: readonly string[]): readonly string[] {
  const telling = tellingWords(anchors);
  return [...new Set(wordsOf(name))].filter((word) => telling.has(word));
}

/** `[shared words, same environment, not one that stands by]`, each a hint. */
export function nameHints(name: string, anchors: readonly string[]): readonly number[] {
  const own = environmentIn([name]);
  const theirs = environmentIn(anchors);
  const environment = own === undefined || theirs === undefined ? 0 : own === theirs ? 1 : -1;
  return [sharedWords(name, anchors).length, environment, standsBy(name) ? -1 : 0];
}

export function standsBy(name: string): boolean {
  return wordsOf(name).some((word) => standby.has(word));
}

/** Tags that say whose a thing is, as teams write them. */
const ownerTags = /^(?:app|application|service|project|product|system|stack|component|aws:cloudformation:stack-name)$/i;

/** Tags of an owner that both have with the same value, as `key=value`. */
export function sharedTags(a: Tags, b: Tags): readonly string[] {
  return Object.entries(a).flatMap(([key, value]) =>
    ownerTags.test(key) && value !== '' && b[key] === value ? [`${key}=${value}`] : [],
  );
}
