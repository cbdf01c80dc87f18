/** How the questions of `init` are put, by the key that they decide. */
import type { Question } from './desk.ts';

const questions: Readonly<Record<string, string>> = {
  'compute.service': 'Which ECS service answers your API?',
  'api.loadBalancer': 'Which load balancer is in front of it?',
  'database.cluster': 'Which Aurora cluster is its database?',
  'cache.replicationGroup': 'Which cache does it use?',
  'storage.bucket': 'Which bucket holds what users upload?',
  'regions.recovery': 'Which region takes over when this one is gone?',
  'compute.recovery.service': 'Which ECS service stands by in the other region?',
  'api.recovery.loadBalancer': 'Which load balancer is in front of it there?',
  'cache.recovery.replicationGroup': 'Which cache stands by there?',
  'dns.record': 'Which name do clients use?',
  'cdn.distribution': 'Which CloudFront distribution is in front?',
  'sessions.table': 'Which table holds sessions?',
  'logs.application': 'Which log group does the application write to?',
  'tracing.service': 'What does the API call itself in X-Ray?',
  'business.namespace': 'Which namespace holds the business metrics?',
};

/** Keys that can be chosen on the command line. */
export const choosable: readonly string[] = Object.keys(questions).filter((key) => key !== 'regions.recovery');

export function questionOf(key: string): Pick<Question, 'text' | 'none'> {
  return {
    text: questions[key] ?? `Which one is ${key}?`,
    ...(key === 'compute.service' ? {} : { none: key === 'regions.recovery' ? 'there is none' : 'none of these' }),
  };
}
