/**
 * Simulated AWS Systems Manager: the one parameter that the application is started with, in both regions, described
 * and never read. Systems Manager API Reference.
 */
import {
  DescribeParameters$,
  type DescribeParametersRequest,
  type DescribeParametersResult,
  type ParameterStringFilter,
} from '@aws-sdk/client-ssm';
import type { World } from '../world/world.ts';
import { ServiceFault, type SimulatedService } from '../wire/service.ts';
import { arnsOf, parameterName } from './arns.ts';
import { operation } from './operation.ts';

export function ssmService(world: World): SimulatedService {
  return {
    service: 'ssm',
    signingName: 'ssm',
    protocol: 'json-1.1',
    target: 'AmazonSSM',
    operations: [
      operation<DescribeParametersRequest, DescribeParametersResult>(DescribeParameters$, (input, call) => {
        const region = world.region(call.region);
        const name = parameterName(world);
        const filters: readonly ParameterStringFilter[] = [
          ...(input.ParameterFilters ?? []),
          // The older form of the same.
          ...(input.Filters ?? []).map(({ Key, Values }) => ({ Key, Values, Option: 'Equals' })),
        ];
        const found = filters.every((filter) => passes(filter, name));
        if (region === undefined || !found) return { Parameters: [] };
        const { createdAt, names } = world.inventory;
        return {
          Parameters: [
            {
              Name: name,
              ARN: arnsOf(world, region).parameter(),
              Type: 'SecureString',
              KeyId: 'alias/aws/ssm',
              LastModifiedDate: new Date(createdAt),
              LastModifiedUser: `arn:aws:iam::${names.account}:role/deployer`,
              Version: 1,
              Tier: 'Standard',
              DataType: 'text',
            },
          ],
        };
      }),
    ],
  };
}

function passes({ Key, Option = 'Equals', Values = [] }: ParameterStringFilter, name: string): boolean {
  if (Key !== 'Name') {
    throw new ServiceFault(
      'InvalidFilterKey',
      `The sandbox's parameters are found by their Name, not by ${Key ?? ''}.`,
    );
  }
  switch (Option) {
    case 'Equals':
      return Values.includes(name);
    case 'BeginsWith':
      return Values.some((value) => name.startsWith(value));
    case 'Contains':
      return Values.some((value) => name.includes(value));
    default:
      throw new ServiceFault('InvalidFilterOption', `The filter option ${Option} is not valid.`);
  }
}
