/**
 * The one way in which a command reaches AWS: guarded, timed, counted, a read ended by the run's signal, and told apart
 * when it fails. Knows no service.
 */
import type { Client, SmithyResolvedConfiguration } from '@smithy/core/client';
import type { HttpHandler } from '@smithy/core/protocols';
import type { Command, HttpHandlerOptions, MetadataBearer } from '@smithy/types';
import type { ApiUsage } from '../cloud/cloud.ts';
import type { CloudError, CloudErrorKind } from '../cloud/errors.ts';
import type { Clock } from '../engine/clock.ts';
import { standardChain } from './credentials.ts';
import { answerError, translated, type Call } from './errors.ts';
import { createGuard } from './guard.ts';
import { defaultTimeouts, type AwsOptions } from './options.ts';
import { operationOfSchema } from './operation.ts';
import { createPace } from './pace.ts';
import { refusePages } from './refuse-pages.ts';
import { createRetryStrategy } from './retry.ts';
import { clientSettings, clusterEndpoint, isSealed, type ClientSettings, type Credentials } from './settings.ts';
import { choosing, openTransport } from './transport.ts';

type Configuration = SmithyResolvedConfiguration<HttpHandlerOptions>;

/** What an answer must hold to be one: members that the service always sends, and which of them are lists. */
export interface Expectation<Output> {
  readonly lists?: readonly (keyof Output & string)[];
  readonly members?: readonly (keyof Output & string)[];
}

/** A client's way to its service in one region. */
export interface Connection<ClientInput extends object, ClientOutput extends MetadataBearer> {
  readonly region: string;
  /**
   * Sends one command. Rejects with a `CloudError`, or, for a read, with the reason of the run's signal once that has
   * aborted. A change heeds no signal: whether to start one is decided above, and one that is under way is waited for,
   * since its answer alone tells whether it was made. What is expected guards against pages and cut answers that a
   * protocol takes for an answer without content.
   */
  readonly send: <Input extends ClientInput, Output extends ClientOutput>(
    command: Command<ClientInput, Input, ClientOutput, Output, Configuration>,
    expects?: Expectation<Output>,
  ) => Promise<Output>;
}

export interface Abortable {
  readonly abortable?: boolean;
}

export interface SettingsFor extends Abortable {
  /** Of a routing cluster, which has endpoints of its own. */
  readonly clusterEndpoint?: string;
}

export interface ConnectOptions extends Abortable {
  /** Where that is less than the time that any attempt is given. */
  readonly longestAttemptMs?: number;
}

export interface AttemptEnds {
  readonly signal?: AbortSignal;
  readonly handedOver?: () => boolean;
}

export interface Wiring {
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Before any role is assumed. */
  readonly credentials: Credentials;
  readonly profile: string | undefined;
  readonly usage: () => ApiUsage;
  /** The settings to make a client with; see `connect` for what `abortable` means. */
  settings(region: string, credentials: Credentials, options?: SettingsFor): ClientSettings;
  /**
   * Puts the guard into a client and gives the way to send through it. `service` is its prefix in IAM. What is not
   * `abortable` goes on when the run's signal aborts, reads included: a change may be waiting for it.
   */
  connect<I extends object, O extends MetadataBearer, C extends Configuration>(
    service: string,
    region: string,
    client: Client<HttpHandlerOptions, I, O, C>,
    options?: ConnectOptions,
  ): Connection<I, O>;
  /**
   * Resolves with what `work` gives, or rejects with a `CloudError` that names `call`; with the reason of `signal`
   * instead as soon as that aborts. `handedOver` tells of a failure whether the request had reached the transport.
   */
  attempt<T>(call: Call, work: () => Promise<T>, ends?: AttemptEnds): Promise<T>;
  /** A failure that shows in an answer that came well. */
  failure(kind: CloudErrorKind, call: Omit<Call, 'read' | 'profile' | 'endpointUrl'>, message: string): CloudError;
  /**
   * Resolves in a turn of the event loop in which no request waits to be sent, or after some turns in any case: the
   * time for work that would hold requests up.
   */
  quiet(): Promise<void>;
  readonly close: () => void;
}

const mostTurns = 50;

/** Members of requests that name the one thing that is asked about, the most telling first. */
const subjects = [
  'DBInstanceIdentifier',
  'SourceIdentifier',
  'GlobalClusterIdentifier',
  'serviceDeploymentArn',
  'service',
  'services',
  'serviceName',
  'DBClusterIdentifier',
  'DBParameterGroupName',
  'DBClusterParameterGroupName',
  'ReplicationGroupId',
  'logGroupName',
  'Bucket',
  'TargetGroupArn',
  'LoadBalancerArn',
  'ListenerArn',
  'Names',
  'CertificateArn',
  'repositoryName',
  'taskDefinition',
  'TableName',
  'HostedZoneId',
  'HealthCheckId',
  'RoutingControlArn',
  'AlarmNames',
  'PolicySourceArn',
  'RoleArn',
  'RoleName',
  'ResourceId',
  'ResourceIds',
  'SubnetIds',
  'GroupIds',
  'TopicArn',
  'SecretId',
  'Name',
  'Id',
  'cluster',
] as const;

function subjectOf(input: object): string | undefined {
  const cluster: unknown = Reflect.get(input, 'cluster');
  for (const name of subjects) {
    const value: unknown = Reflect.get(input, name);
    const said = Array.isArray(value) ? value.join(', ') : value;
    if (typeof said !== 'string' || said === '') continue;
    // A service may be missing because its cluster is.
    return typeof cluster === 'string' && name.startsWith('service') ? `${cluster}/${said}` : said;
  }
  return undefined;
}

/** What `work` gives, unless the signal aborts before: then its reason, and nobody waits for the work any more. */
async function unlessAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  let stop = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    // The reason of a signal is whatever it was aborted with, and callers are promised just that.
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What is asked for again while it is under way gets the same answer. */
function sharing(): <T>(asked: string, ask: () => Promise<T>) => Promise<T> {
  const underWay = new Map<string, Promise<unknown>>();
  return <T>(asked: string, ask: () => Promise<T>): Promise<T> => {
    const answer = underWay.get(asked) ?? ask().finally(() => underWay.delete(asked));
    underWay.set(asked, answer);
    // What is asked says what is answered, operation by operation.
    return answer as Promise<T>;
  };
}

export function createWiring(options: AwsOptions): Wiring {
  const once = sharing();
  const pace = createPace(options.clock);
  const { clock, random, signal } = options;
  const timeouts = options.timeouts ?? defaultTimeouts;
  const listener = options.onCall && { clock, onCall: options.onCall };
  const sealed = isSealed(options);
  const guard = createGuard(options.mode, listener, options.namedReads, {
    goesAnywhere: sealed || options.endpointUrl !== undefined,
  });
  const transport = options.requestHandler ?? openTransport(timeouts);
  /**
   * Each change goes over a connection of its own. One that was kept from an earlier request may be dead by now, which
   * shows only when the request is lost on it; where a new one does not come about, nothing was sent.
   */
  let ownConnections: HttpHandler | undefined;
  const transportOf = (handling: HttpHandlerOptions | undefined): HttpHandler => {
    if (handling === undefined || !changing.has(handling)) return transport;
    ownConnections ??= options.requestHandler ?? openTransport(timeouts, { keepAlive: false });
    return ownConnections;
  };
  const retrying = { clock, random, mayRepeat: guard.mayRepeat };
  const shared = clientSettings(options, {
    requestHandler: choosing(transport, (handling) => {
      // Nobody waits for it any more: it was held up, by credentials for example, and is not to be sent now.
      if (handling?.abortSignal?.aborted === true) signal?.throwIfAborted();
      unsent.delete(handling);
      return transportOf(handling);
    }),
    retryStrategy: createRetryStrategy({ ...retrying, signal }),
  });
  const unabortable = { ...shared, retryStrategy: createRetryStrategy(retrying) };
  const profile = sealed ? undefined : (options.profile ?? (process.env['AWS_PROFILE'] || undefined));
  const known = { profile, endpointUrl: options.endpointUrl };
  // The SDK's notice about old versions of Node is for developers, and would stand among what nanoops prints.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

  /** What each request under way but not yet handed to the transport is sent with. */
  const unsent = new Set<unknown>();
  /** What each change is sent with. */
  const changing = new WeakSet<HttpHandlerOptions>();
  const attempt: Wiring['attempt'] = async (call, work, { signal: stop, handedOver = () => true } = {}) => {
    stop?.throwIfAborted();
    try {
      return await clock.busy(() => unlessAborted(stop, work));
    } catch (error) {
      stop?.throwIfAborted();
      throw translated(error, call, handedOver()) ?? error;
    }
  };

  return {
    clock,
    signal,
    credentials: options.credentials ?? standardChain({ profile: options.profile, timeouts }),
    profile,
    usage: guard.usage,
    attempt,
    settings: (region, credentials, { abortable = true, clusterEndpoint: endpoint } = {}) => ({
      ...(abortable ? shared : unabortable),
      ...clusterEndpoint(options, endpoint),
      region,
      credentials,
    }),
    failure: (kind, call, message) =>
      answerError(kind, { ...call, read: guard.isRead(`${call.service}:${call.operation}`), ...known }, message),
    connect(service, region, client, { abortable = true, longestAttemptMs = timeouts.requestMs } = {}) {
      client.middlewareStack.use(guard.plugin(service, region));
      client.middlewareStack.use(refusePages(service, region));
      // It copies every answer to log it, to a logger that writes nothing.
      client.middlewareStack.remove('loggerMiddleware');
      // It looks for a Lambda function's name in the environment.
      if (sealed) client.middlewareStack.remove('recursionDetectionMiddleware');
      return {
        region,
        async send(command, expects) {
          const operation = operationOfSchema(command.schema);
          const read = guard.isRead(`${service}:${operation}`);
          const call = { service, operation, region, resource: subjectOf(command.input), read, ...known };
          const stop = read && abortable ? signal : undefined;
          const handling = { abortSignal: stop, requestTimeout: Math.min(timeouts.requestMs, longestAttemptMs) };
          if (!read) changing.add(handling);
          const ends = { signal: stop, handedOver: () => !unsent.has(handling) };
          const sent = async () => {
            await pace(`${service}:${operation}`, region, stop);
            unsent.add(handling);
            return attempt(call, () => client.send(command, handling), ends).finally(() => unsent.delete(handling));
          };
          const isShared = options.fewestCalls === true && read && abortable;
          const output = await (isShared
            ? once(`${call.service}:${operation} ${region} ${JSON.stringify(command.input)}`, sent)
            : sent());
          for (const member of [...(expects?.members ?? []), ...(expects?.lists ?? [])]) {
            const isList = expects?.lists?.includes(member) === true;
            if (isList ? Array.isArray(output[member]) : output[member] !== undefined) continue;
            throw answerError('malformed-answer', call, `${member} is missing`);
          }
          return output;
        },
      };
    },
    async quiet() {
      for (let turn = 0; turn === 0 || (unsent.size > 0 && turn < mostTurns); turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    close() {
      transport.destroy?.();
      ownConnections?.destroy?.();
    },
  };
}
