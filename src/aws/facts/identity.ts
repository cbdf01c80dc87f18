/** Who asks. */
import type { Caller } from '../../cloud/facts.ts';
import type { FactTools } from './tools.ts';

export async function caller({ wiring, clients }: FactTools, region: string): Promise<Caller> {
  const sts = await clients.sts(region);
  const { Account, Arn } = await sts.getCallerIdentity({});
  if (Account !== undefined && Arn !== undefined) return { account: Account, arn: Arn };
  throw wiring.failure('malformed-answer', { service: 'sts', operation: 'GetCallerIdentity', region }, '');
}
