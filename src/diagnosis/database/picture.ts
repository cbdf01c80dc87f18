/** Everything that a diagnosis of an unavailable database may look at, found or not. Plain data. */
import type {
  ApiTraffic,
  DatabaseEvent,
  DatabaseLoad,
  DatabaseState,
  IngressRule,
  LogSearch,
  ServiceState,
} from '../../cloud/facts.ts';
import type { Window } from '../../cloud/series.ts';
import type { Known } from '../known.ts';

export interface DatabasePicture {
  /** What was looked at; its end is the present of the diagnosis. */
  readonly window: Window;
  readonly region: string;
  readonly names: { readonly service: string; readonly database: string };
  readonly errorLines: Known<LogSearch>;
  readonly database: Known<DatabaseState>;
  readonly events: Known<readonly DatabaseEvent[]>;
  /** The rules of the database's own security groups. */
  readonly ingress: Known<readonly IngressRule[]>;
  /** Addresses or ranges (CIDR) that the service's tasks have, where they are known: rules may name ranges. */
  readonly serviceAddresses?: readonly string[];
  readonly databaseLoad: Known<DatabaseLoad>;
  /** `undefined` inside where it cannot be told. */
  readonly connectionLimit: Known<number | undefined>;
  readonly traffic: Known<ApiTraffic>;
  readonly service: Known<ServiceState>;
}
