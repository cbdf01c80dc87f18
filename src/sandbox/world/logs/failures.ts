/** How the application reports what failed: level, text and the error's own words, by the kind of failure. */
import { applicationUser, bucketHost, writerHost } from '../hosts.ts';
import type { RegionInventory, WorldInventory } from '../inventory.ts';
import type { RequestIdentity } from '../request-identity.ts';
import type { Failure, SampledRequest } from '../requests.ts';
import { api, cache, database, dependency, statements } from '../workload.ts';

export interface FailureReport {
  readonly level: 'ERROR' | 'CRITICAL';
  readonly action: string;
  readonly message: string;
  readonly error: string;
}

const seconds = (ms: number) => (ms / 1000).toFixed(1);

/** What the unexpected looks like on any day. */
const ordinary = [
  "KeyError: 'thumbnail_url'",
  "ValueError: invalid literal for int() with base 10: 'NaN'",
  "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
  'pydantic_core.ValidationError: 1 validation error for NanoOut',
  'RuntimeError: response already started',
] as const;

/** Undefined for what leaves no line: success, a client's mistake, a request that never reached the application. */
export function reportOf(
  world: WorldInventory,
  region: RegionInventory,
  request: SampledRequest,
  identity: RequestIdentity,
): FailureReport | undefined {
  // Of most requests there is nothing to tell: their identity costs much to make.
  if (request.failure === 'none' || request.failure === 'client' || request.failure === 'target-connection') {
    return undefined;
  }
  const { method } = request.endpoint;
  const about = `${method} ${identity.path}`;
  const object = () => `${region.names.bucket}/nanos/${identity.nanoId}.zip`;
  const host = writerHost(region);
  const inDatabase = (errno: number, text: string, sql?: string): FailureReport => ({
    level: 'ERROR',
    action: 'REQUEST_FAILED',
    message: `Database error in ${about}`,
    error: `sqlalchemy.exc.OperationalError: (pymysql.err.OperationalError) (${errno}, ${text})${sql === undefined ? '' : ` [SQL: ${sql}]`}`,
  });
  const refusedStatement = request.endpoint.primary && statements[request.endpoint.primary].sql;
  const reports: Readonly<Record<Exclude<Failure, 'none' | 'client' | 'target-connection'>, () => FailureReport>> = {
    internal: () => ({
      level: 'ERROR',
      action: 'REQUEST_FAILED',
      message: `Unhandled exception in ${about}`,
      error: ordinary[request.index % ordinary.length] ?? ordinary[0],
    }),
    'pool-timeout': () => ({
      level: 'ERROR',
      action: 'REQUEST_FAILED',
      message: `Unhandled exception in ${about}`,
      error: `sqlalchemy.exc.TimeoutError: QueuePool limit of size ${api.poolSize} overflow ${api.poolOverflow} reached, connection timed out, timeout ${(api.poolTimeoutMs / 1000).toFixed(2)}`,
    }),
    'statement-timeout': () => ({
      level: 'ERROR',
      action: 'REQUEST_FAILED',
      message: `Database error in ${about}`,
      error: `sqlalchemy.exc.OperationalError: (3024, 'Query execution was interrupted, maximum statement execution time exceeded') after ${seconds(database.statementTimeoutMs)} s`,
    }),
    'lock-wait': () => inDatabase(1205, "'Lock wait timeout exceeded; try restarting transaction'", refusedStatement),
    'connect-timeout': () =>
      inDatabase(2003, `"Can't connect to MySQL server on '${host}' ([Errno 110] Connection timed out)"`),
    'connect-refused': () =>
      inDatabase(2003, `"Can't connect to MySQL server on '${host}' ([Errno 111] Connection refused)"`),
    'connection-lost': () => inDatabase(2013, "'Lost connection to MySQL server during query (timed out)'"),
    'connection-reset': () =>
      inDatabase(2013, "'Lost connection to MySQL server during query ([Errno 104] Connection reset by peer)'"),
    'access-denied': () =>
      inDatabase(
        1045,
        `"Access denied for user '${applicationUser(world.names)}'@'${request.task.task.ip}' (using password: YES)"`,
      ),
    'too-many-connections': () => inDatabase(1040, "'Too many connections'"),
    'read-only': () =>
      inDatabase(
        1290,
        "'The MySQL server is running with the --read-only option so it cannot execute this statement'",
        refusedStatement,
      ),
    'lock-timeout': () => ({
      level: 'ERROR',
      action: 'REQUEST_FAILED',
      message: `Cache error in ${about}`,
      error: `CacheLockTimeout: another request was filling fragment:${identity.nanoId} for more than ${seconds(cache.lockTimeoutMs)} s`,
    }),
    'dependency-timeout': () => ({
      level: 'ERROR',
      action: 'MODERATION_FAILED',
      message: `No answer from ${world.names.dependencyHost} in ${about}`,
      error: `httpx.ReadTimeout: POST https://${world.names.dependencyHost}/v1/check took longer than ${seconds(dependency.timeoutMs)} s`,
    }),
    'dependency-error': () => ({
      level: 'ERROR',
      action: 'MODERATION_FAILED',
      message: `${world.names.dependencyHost} refused ${about}`,
      error: `httpx.HTTPStatusError: Server error '503 Service Unavailable' for url 'https://${world.names.dependencyHost}/v1/check'`,
    }),
    's3-timeout': () => ({
      level: 'ERROR',
      action: 'STORAGE_FAILED',
      message: `${request.endpoint.s3 === 'PutObject' ? 'Failed to upload to S3' : 'Failed to read from S3'}: ${object()}`,
      error: `botocore.exceptions.ReadTimeoutError: Read timeout on endpoint URL: "https://${bucketHost(region)}/nanos/${identity.nanoId}.zip"`,
    }),
    's3-error': () => ({
      level: 'ERROR',
      action: 'STORAGE_FAILED',
      message: `${request.endpoint.s3 === 'PutObject' ? 'Failed to upload to S3' : 'Failed to read from S3'}: ${object()}`,
      error: `botocore.exceptions.ClientError: An error occurred (SlowDown) when calling the ${request.endpoint.s3 ?? 'GetObject'} operation (reached max retries: 4): Please reduce your request rate.`,
    }),
    overloaded: () => ({
      level: 'ERROR',
      action: 'REQUEST_REFUSED',
      message: `Refused ${about}: 64 requests are in this worker already`,
      error: 'ConcurrencyLimitReached: limit of 64 requests',
    }),
    'out-of-memory': () => ({
      level: 'ERROR',
      action: 'REQUEST_FAILED',
      message: `Unhandled exception in ${about}`,
      error: 'MemoryError: Unable to allocate 8.00 MiB for a response',
    }),
    deadline: () => ({
      level: 'ERROR',
      action: 'REQUEST_FAILED',
      message: `Gave up on ${about}`,
      error: `TimeoutError: request took longer than ${seconds(api.deadlineMs)} s`,
    }),
    'new-revision': () => ({
      level: 'ERROR',
      action: 'REQUEST_FAILED',
      message: `Unhandled exception in ${about}`,
      error: "AttributeError: 'NoneType' object has no attribute 'entitlements' (app/licensing.py:88)",
    }),
  };
  return reports[request.failure]();
}
