/**
 * Puts the files of a page into a bucket, through a client that can do nothing else: it sends PutObject, to keys below one
 * prefix of one bucket, and refuses everything else before it leaves, whoever asks.
 */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { HttpRequest } from '@smithy/core/protocols';
import type { Pluggable } from '@smithy/types';
import type { Clock, Random } from '../engine/clock.ts';
import { NanoopsError } from '../errors.ts';
import { standardChain } from './credentials.ts';
import { translated } from './errors.ts';
import { onlyAws } from './only-aws.ts';
import { operationOfContext } from './operation.ts';
import type { Timeouts } from './options.ts';
import { createRetryStrategy } from './retry.ts';
import { clientSettings } from './settings.ts';
import { openTransport } from './transport.ts';

export interface PagePlace {
  readonly bucket: string;
  /** With a slash at its end, or empty: the whole bucket. */
  readonly prefix: string;
  /** Where the bucket is first asked for; S3 says where it is. */
  readonly region: string;
}

export interface PageFile {
  /** Below the prefix: `index.html`. */
  readonly name: string;
  readonly text: string;
  readonly contentType: string;
  readonly cacheControl: string;
}

export interface PageOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly profile?: string;
  readonly endpointUrl?: string;
  /** As `AwsOptions` has it. */
  readonly servicesWithEndpoint?: readonly string[];
  readonly version?: string;
}

const timeouts: Timeouts = { connectMs: 2_000, requestMs: 10_000 };

export interface PageBucket {
  /** @throws NanoopsError `PageNotPublished` */
  put(file: PageFile): Promise<void>;
  close(): void;
}

export function openPageBucket(place: PagePlace, options: PageOptions): PageBucket {
  const { bucket, prefix, region } = place;
  const { clock, random, profile } = options;
  const transport = openTransport(timeouts);
  // The same object put twice is the same object.
  const retryStrategy = createRetryStrategy({ clock, random, mayRepeat: () => true });
  // The SDK's notice about old versions of Node is for developers, and would stand among what nanoops prints.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const client = new S3Client({
    ...clientSettings(options, { requestHandler: transport, retryStrategy }),
    region,
    followRegionRedirects: true,
    credentials: standardChain({ profile, timeouts }),
  });
  client.middlewareStack.use(pageGuard(place));
  // Nobody typed where it goes.
  if (options.endpointUrl === undefined) client.middlewareStack.use(onlyAws('s3', region, () => true));
  return {
    async put({ name, text, contentType, cacheControl }) {
      const key = `${prefix}${name}`;
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: text,
        ContentType: contentType,
        CacheControl: cacheControl,
      });
      try {
        await clock.busy(() => client.send(command));
      } catch (error) {
        const call = {
          service: 's3',
          operation: 'PutObject',
          region,
          resource: `${bucket}/${key}`,
          read: false,
          profile,
        };
        const told = translated(error, call);
        if (told === undefined) throw error;
        throw new NanoopsError(`s3://${bucket}/${key} was not published: ${told.message}`, {
          code: 'PageNotPublished',
          exitCode: told.kind.startsWith('credentials') ? 3 : 5,
          nextStep: told.details.nextStep,
          cause: told,
        });
      }
    },
    close() {
      client.destroy();
      transport.destroy?.();
    },
  };
}

/** A request that the client of the status page must not send: a defect of nanoops. */
class RefusedByPageGuard extends Error {
  override readonly name = 'RefusedByPageGuard';
}

/** Judges the input, and again what is about to go on the wire. */
export function pageGuard<I extends object, O extends object>({ bucket, prefix }: PagePlace): Pluggable<I, O> {
  const refuse = (what: string): never => {
    throw new RefusedByPageGuard(
      `${what} was refused before it was sent: pages go to s3://${bucket}/${prefix} and nowhere else`,
    );
  };
  const admit = (operation: string, input: object): void => {
    if (operation !== 'PutObject') refuse(`s3:${operation}`);
    const key: unknown = Reflect.get(input, 'Key');
    const isOurs = Reflect.get(input, 'Bucket') === bucket && typeof key === 'string' && key.startsWith(prefix);
    if (!isOurs || (typeof key === 'string' && key.split('/').includes('..'))) refuse(`s3:PutObject of ${String(key)}`);
  };
  return {
    applyToStack: (stack) => {
      // Without names, so that no other middleware can take their places.
      stack.add(
        (next, context) => async (args) => {
          admit(operationOfContext(context), args.input);
          return next(args);
        },
        { step: 'initialize', priority: 'high' },
      );
      // Below retries, where nothing gets past it.
      stack.add(
        (next, context) => async (args) => {
          admit(operationOfContext(context), args.input);
          const { request } = args;
          if (HttpRequest.isInstance(request) && request.method !== 'PUT') refuse(`a ${request.method}`);
          return next(args);
        },
        { step: 'finalizeRequest', priority: 'low' },
      );
    },
  };
}
