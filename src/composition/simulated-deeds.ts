/** What a team's programs do to a simulated AWS: each call by a client that may make that one, and is gone with it. */
import type { AwsCloud } from '../aws/open-aws.ts';
import type { AwsOptions } from '../aws/options.ts';
import type { NamedDeeds } from '../cloud/named.ts';

export function sendingBy(
  openAws: (options: AwsOptions) => AwsCloud,
  aws: Omit<AwsOptions, 'mode' | 'signal'>,
): NamedDeeds['call'] {
  return async (call) => {
    // No step declares it, and no policy allows it: it stands for a program.
    const client = openAws({ ...aws, mode: { changes: [`${call.service}:${call.operation}`] } });
    try {
      await client.named.change(call);
    } finally {
      client.close();
    }
  };
}
