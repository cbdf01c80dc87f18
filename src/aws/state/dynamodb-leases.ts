/**
 * Leases in the table: an item a resource (`leases`, the resource), replaced only while it is the version that was seen,
 * and never by one of a lower token.
 */
import { randomUUID } from 'node:crypto';
import type { LeaseStore } from '../../engine/lease-store.ts';
import { leaseStoreOn, leaseText, parseLease } from '../../state/lease-register.ts';
import { keyOf, type Item, type StateTable } from './dynamodb-table.ts';
import { ConditionFailed } from './state-errors.ts';

const leases = 'leases';

export function dynamoLeaseStore(open: () => Promise<StateTable>, name: string): LeaseStore {
  const leaseOf = (item: Item) => parseLease(item['lease']?.S ?? '', `the lease on ${item['sk']?.S} in the ${name}`);
  return leaseStoreOn({
    name,
    async read(resource) {
      const item = await (await open()).get({ pk: leases, sk: resource });
      return item === undefined ? undefined : { version: Number(item['version']?.N), lease: leaseOf(item) };
    },
    async swap(seen, next) {
      const table = await open();
      const key = { pk: leases, sk: next.resource };
      /** By it, a write whose answer was lost is known again. */
      const writer = randomUUID();
      const token = { N: String(next.token) };
      const item: Item = {
        ...keyOf(key),
        version: { N: String((seen?.version ?? 0) + 1) },
        token,
        writer: { S: writer },
        lease: { S: leaseText(next) },
      };
      try {
        await table.put(
          item,
          seen === undefined
            ? { expression: 'attribute_not_exists(pk)' }
            : {
                expression: '#version = :seen AND #token <= :token',
                names: { '#version': 'version', '#token': 'token' },
                values: { ':seen': { N: String(seen.version) }, ':token': token },
              },
        );
        return true;
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        return (await table.get(key))?.['writer']?.S === writer;
      }
    },
    all: async () => (await (await open()).query(leases)).map(leaseOf),
  });
}
