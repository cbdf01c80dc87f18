/** Names that a simulated world takes from a configuration beside those of its stack. */
import type { Config } from '../config/schema.ts';

/** Names that a stack's references do not hold, so that a user's own stack is simulated under its own names. */
export function extraNamesOf({ cdn, database, dns, sessions, business }: Config) {
  return {
    ...(database?.globalCluster === undefined ? {} : { globalCluster: database.globalCluster }),
    ...(dns === undefined ? {} : { hostedZoneId: dns.hostedZoneId, record: dns.record }),
    ...(sessions === undefined ? {} : { sessionsTable: sessions.table }),
    ...(cdn === undefined ? {} : { distribution: cdn.distribution }),
    ...(business === undefined ? {} : { businessNamespace: business.namespace }),
  };
}
