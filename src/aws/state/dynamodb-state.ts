/**
 * nanoops' own state in a DynamoDB table, for teams: journals, incidents and leases. Nothing is asked, and the SDK not loaded,
 * before the first of them is needed.
 *
 * IAM has to allow `dynamodb:GetItem`, `PutItem`, `UpdateItem` (transactions are allowed by what is in them) and `Query`
 * on the table; `init` needs `dynamodb:DescribeTable` and `CreateTable`, too.
 */
import type { HttpHandler } from '@smithy/core/protocols';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { Clock, Random } from '../../engine/clock.ts';
import type { JournalStore } from '../../engine/journal-store.ts';
import type { LeaseStore } from '../../engine/lease-store.ts';
import type { IncidentEvent } from '../../incident/events.ts';
import { incidentJournals } from '../../state/journal-kind.ts';
import { dynamoJournalStore } from './dynamodb-journal.ts';
import { dynamoLeaseStore } from './dynamodb-leases.ts';
import type { StateTable } from './dynamodb-table.ts';
import { storeName } from './state-errors.ts';

export interface DynamoStateOptions {
  readonly table: string;
  readonly region: string;
  /** Ends requests that take longer than 10 s, repeats included, and times the pauses between repeats. */
  readonly clock: Clock;
  readonly random: Random;
  readonly profile?: string;
  readonly endpointUrl?: string;
  /** Somebody typed where requests go; else nothing is written elsewhere than to AWS or this machine. */
  readonly goesAnywhere?: boolean;
  /** Used instead of the standard credential chain. */
  readonly credentials?: AwsCredentialIdentity;
  /** Carries the requests in this process; with `credentials`, nothing is read from files, the environment or the network. */
  readonly requestHandler?: HttpHandler;
  /** The version of nanoops, for the user agent. */
  readonly version?: string;
}

export interface DynamoState {
  /** `DynamoDB table nanoops in us-east-1`. */
  readonly name: string;
  readonly journals: JournalStore;
  readonly leases: LeaseStore;
  readonly incidents: JournalStore<IncidentEvent>;
  /**
   * Creates the table, where it is missing, and waits until it can be used.
   *
   * @throws StateError `unreadable` for a table of that name with another key, `unwritable`
   */
  init(): Promise<'created' | 'already-there'>;
  close(): void;
}

export function openDynamoState(options: DynamoStateOptions): DynamoState {
  const { clock } = options;
  const name = storeName({ table: options.table, region: options.region, profile: undefined });
  let table: Promise<StateTable> | undefined;
  let closed = false;
  const open = (): Promise<StateTable> => {
    table ??= clock.busy(async () => (await import('./dynamodb-table.ts')).openTable(options));
    return table;
  };
  return {
    name,
    journals: dynamoJournalStore(open, name),
    leases: dynamoLeaseStore(open, name),
    incidents: dynamoJournalStore<IncidentEvent>(open, name, incidentJournals),
    async init() {
      const { createTable } = await clock.busy(() => import('./create-table.ts'));
      return createTable(await open(), clock);
    },
    close() {
      if (closed) return;
      closed = true;
      table?.then(
        (opened) => opened.close(),
        () => undefined, // Whoever opened it was told.
      );
    },
  };
}
