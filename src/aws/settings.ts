/**
 * The settings that every client is made with. With a request handler and credentials given, a client is sealed:
 * everything that the SDK would look up in the environment or in `~/.aws` is fixed here instead.
 */
import type { HttpHandler } from '@smithy/core/protocols';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider, RetryStrategyV2, UserAgent } from '@smithy/types';
import { finished, type Readable } from 'node:stream';
import type { AwsOptions } from './options.ts';
import { attemptsInAll } from './retry.ts';

export type Credentials = AwsCredentialIdentity | AwsCredentialIdentityProvider;

const sealedSettings = {
  accountIdEndpointMode: 'disabled' as const,
  authSchemePreference: async () => [],
  defaultUserAgentProvider: async () => [],
  defaultsMode: 'legacy' as const,
  disableRequestCompression: true,
  disableS3ExpressSessionAuth: false,
  endpointDiscoveryEnabledProvider: async () => false,
  ignoreConfiguredEndpointUrls: true,
  requestChecksumCalculation: 'WHEN_REQUIRED' as const,
  requestMinCompressionSizeBytes: 10_240,
  responseChecksumValidation: 'WHEN_REQUIRED' as const,
  retryMode: 'standard',
  sigv4aSigningRegionSet: async () => [],
  useArnRegion: false,
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  userAgentAppId: async () => undefined,
};

/** A client's settings do not depend on what it may do: that is the guard's. */
type SettingsOptions = Omit<AwsOptions, 'mode'>;

/** Nothing outside this process is asked for settings. */
export function isSealed(options: SettingsOptions): boolean {
  return options.requestHandler !== undefined && options.credentials !== undefined;
}

/**
 * True where requests to a service go to an endpoint that somebody named, which then knows buckets by path and not by host
 * name. `service` is as the environment calls it.
 */
function hasCustomEndpoint(options: SettingsOptions, service: 'S3' | 'ROUTE53_RECOVERY_CLUSTER'): boolean {
  if (options.endpointUrl !== undefined) return true;
  if (isSealed(options)) return false;
  return options.servicesWithEndpoint?.includes(service) === true;
}

/**
 * The endpoint of a routing cluster, unless another one was named for all clients: what is tried on an emulator must not
 * reach AWS by a way of its own.
 */
export function clusterEndpoint(options: SettingsOptions, endpoint: string | undefined): { endpoint?: string } {
  const isElsewhere = hasCustomEndpoint(options, 'ROUTE53_RECOVERY_CLUSTER');
  return endpoint === undefined || isElsewhere ? {} : { endpoint };
}

/**
 * Reads a body whole. The SDK's own reader first asks whether it is a stream of the web's, for which Node loads all that it has of
 * these: a fiftieth of a short run. A body that was cut off, also before this began, is told by Node's own codes.
 */
function collected(stream: Readable): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    finished(stream, (error) => {
      if (error) reject(error);
      else resolve(Buffer.concat(chunks));
    });
  });
}

export interface SharedParts {
  readonly requestHandler: HttpHandler;
  readonly retryStrategy: RetryStrategyV2;
}

/** What the constructor of any client takes; a client ignores what it does not know. */
export function clientSettings(options: SettingsOptions, parts: SharedParts) {
  const userAgent: UserAgent = [options.version === undefined ? ['nanoops'] : ['nanoops', options.version]];
  return {
    ...(isSealed(options) ? sealedSettings : { profile: options.profile }),
    ...(options.endpointUrl === undefined ? {} : { endpoint: options.endpointUrl }),
    ...(hasCustomEndpoint(options, 'S3') ? { forcePathStyle: true } : {}),
    customUserAgent: userAgent,
    // Only told to the service in a header: the strategy itself decides.
    maxAttempts: attemptsInAll,
    requestHandler: parts.requestHandler,
    retryStrategy: parts.retryStrategy,
    streamCollector: collected,
  };
}

export type ClientSettings = ReturnType<typeof clientSettings> & {
  readonly region: string;
  readonly credentials: Credentials;
};
