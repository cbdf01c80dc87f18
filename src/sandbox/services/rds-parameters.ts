/** Parameter groups: what the user set, and the engine's own formula for what he did not. */
import type { Parameter } from '@aws-sdk/client-rds';
import { ServiceFault } from '../wire/service.ts';
import type { ParameterChange } from '../world/inventory.ts';
import { database } from '../world/workload.ts';
import type { RegionHere } from './database-here.ts';

interface ParameterValue {
  readonly name: string;
  readonly value: string;
  readonly source: 'user' | 'engine-default' | 'system';
  readonly type: 'integer' | 'float' | 'boolean' | 'string';
  readonly description: string;
  readonly apply?: ParameterChange['apply'];
}

const clusterValues: readonly ParameterValue[] = [
  { name: 'slow_query_log', value: '1', source: 'user', type: 'boolean', description: 'Enables the slow query log' },
  {
    name: 'long_query_time',
    value: String(database.longQueryTimeMs / 1000),
    source: 'user',
    type: 'float',
    description: 'Seconds from which on a statement is slow',
  },
  { name: 'log_output', value: 'FILE', source: 'user', type: 'string', description: 'Where logs are written' },
  { name: 'binlog_format', value: 'OFF', source: 'system', type: 'string', description: 'Format of the binary log' },
  { name: 'time_zone', value: 'UTC', source: 'engine-default', type: 'string', description: 'The server time zone' },
];

const instanceValues: readonly ParameterValue[] = [
  {
    name: 'max_connections',
    value: 'GREATEST({log(DBInstanceClassMemory/805306368)*45},{log(DBInstanceClassMemory/8187281408)*1000})',
    source: 'engine-default',
    type: 'integer',
    description: 'The number of simultaneous client connections allowed',
  },
  {
    name: 'innodb_buffer_pool_size',
    value: '{DBInstanceClassMemory*3/4}',
    source: 'engine-default',
    type: 'integer',
    description: 'Bytes of the buffer pool',
  },
  {
    name: 'wait_timeout',
    value: '28800',
    source: 'engine-default',
    type: 'integer',
    description: 'Seconds of silence after which a connection is closed',
  },
];

export function clusterParameters(
  here: RegionHere | undefined,
  group: string | undefined,
  source: string | undefined,
): Parameter[] {
  const custom = here?.region.database.parameterGroup;
  if (here === undefined || (group !== custom && group !== 'default.aurora-mysql8.0')) {
    throw new ServiceFault('DBParameterGroupNotFound', `DBClusterParameterGroup not found: ${group ?? ''}`, 404);
  }
  const values = [...clusterValues, ...instanceValues];
  if (group !== custom)
    return shaped(
      values.filter((each) => each.source !== 'user'),
      source,
    );
  const changes = here.region.database.parameterChanges.filter((change) => change.at <= here.now);
  return shaped(changes.reduce(changed, values), source);
}

/** The values after somebody set one of them. */
function changed(values: readonly ParameterValue[], change: ParameterChange): ParameterValue[] {
  const { parameter: name, value, apply } = change;
  const known = values.find((each) => each.name === name) ?? { name, type: 'string', description: name };
  return [...values.filter((each) => each.name !== name), { ...known, value, apply, source: 'user' }];
}

export function instanceParameters(
  here: RegionHere | undefined,
  group: string | undefined,
  source: string | undefined,
): Parameter[] {
  if (here === undefined || group !== 'default.aurora-mysql8.0') {
    throw new ServiceFault('DBParameterGroupNotFound', `DBParameterGroup not found: ${group ?? ''}`, 404);
  }
  return shaped(instanceValues, source);
}

function shaped(values: readonly ParameterValue[], source: string | undefined): Parameter[] {
  return values
    .filter((each) => source === undefined || each.source === source)
    .map((each) => ({
      ParameterName: each.name,
      ParameterValue: each.value,
      Description: each.description,
      Source: each.source,
      ApplyType: 'dynamic',
      DataType: each.type,
      IsModifiable: each.source !== 'system',
      ApplyMethod: each.apply ?? 'pending-reboot',
      SupportedEngineModes: ['provisioned'],
    }));
}
