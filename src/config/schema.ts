/**
 * The whole of `nanoops.yaml`: every key, its form, its default and what it means. `Config` is what the rest of the
 * program sees: defaults filled in, durations in milliseconds, secrets as references, one environment's overlay applied.
 */
import * as z from 'zod';
import { alerts } from './schema/alerts.ts';
import { capacity } from './schema/capacity.ts';
import { drill } from './schema/drill.ts';
import { id } from './schema/fields.ts';
import { notify } from './schema/notify.ts';
import { objectives } from './schema/objectives.ts';
import { observability } from './schema/observability.ts';
import * as parts from './schema/parts.ts';

/** A configuration without its overlays. */
export const configSchema = z.strictObject({
  service: id().describe('What the service is called, in reports and notifications.'),
  environment: id().default('prod').describe('The environment that this file describes when no overlay is chosen.'),
  account: parts.account.optional(),
  regions: parts.regions,
  roles: parts.roles.optional(),
  api: parts.api.optional(),
  compute: parts.compute.optional(),
  database: parts.database.optional(),
  cache: parts.cache.optional(),
  storage: parts.storage.optional(),
  cdn: parts.cdn.optional(),
  dns: parts.dns.optional(),
  sessions: parts.sessions.optional(),
  logs: parts.logs.optional(),
  tracing: parts.tracing.optional(),
  business: parts.business.optional(),
  cost: parts.cost.prefault({}),
  objectives: objectives.prefault({}),
  capacity: capacity.prefault({}),
  drill: drill.prefault({}),
  alerts: alerts.prefault({}),
  notify: notify.optional(),
  observability: observability.optional(),
  state: parts.state,
});

export type Config = z.output<typeof configSchema>;

/** The key that holds the overlays; it is applied before the rest is read. */
export const overlaysKey = 'environments';

/** Every key that the file's top level may have. */
export const topLevelKeys: readonly string[] = [...Object.keys(configSchema.shape), overlaysKey];
