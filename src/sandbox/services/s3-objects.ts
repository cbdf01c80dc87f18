/**
 * The one object that the simulated S3 knows: the one that a health check watches, so that putting it or deleting it
 * moves traffic. Amazon S3 API Reference; the bucket is versioned, so that a deletion leaves a marker.
 */
import {
  DeleteObject$,
  HeadObject$,
  PutObject$,
  type DeleteObjectOutput,
  type DeleteObjectRequest,
  type HeadObjectOutput,
  type HeadObjectRequest,
  type PutObjectOutput,
  type PutObjectRequest,
} from '@aws-sdk/client-s3';
import { hexNoise } from '../random.ts';
import { switchObjectAt, withSwitchObject, type SwitchObject } from '../world/traffic-state.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedOperation } from '../wire/service.ts';
import { operation } from './operation.ts';

/** The MD5 of nothing. */
const EMPTY_ETAG = '"d41d8cd98f00b204e9800998ecf8427e"';

interface Named {
  readonly Bucket?: string | undefined;
  readonly Key?: string | undefined;
}

export function objectOperations(world: World): readonly SimulatedOperation[] {
  const versionOf = ({ states }: SwitchObject) => hexNoise(world.inventory.seed, 'version', states.length).repeat(4);
  const changed = (call: CallContext, named: Named, exists: boolean): SwitchObject => {
    const found = switchObjectOf(world, named, call);
    world.change(
      {
        operation: `s3:${call.operation}`,
        region: call.region,
        resource: `${found.bucket}/${found.key}`,
        detail: exists ? 'put, empty' : 'deleted',
      },
      (inventory) => withSwitchObject(inventory, exists, world.now()),
    );
    return world.inventory.traffic.switchObject ?? found;
  };
  return [
    operation<PutObjectRequest, PutObjectOutput>(PutObject$, (input, call) => ({
      ETag: EMPTY_ETAG,
      VersionId: versionOf(changed(call, input, true)),
      ServerSideEncryption: 'AES256',
    })),
    operation<DeleteObjectRequest, DeleteObjectOutput>(DeleteObject$, (input, call) => ({
      DeleteMarker: true,
      VersionId: versionOf(changed(call, input, false)),
    })),
    operation<HeadObjectRequest, HeadObjectOutput>(HeadObject$, ({ Bucket, Key }) => {
      const { traffic } = world.inventory;
      const { switchObject: found } = traffic;
      const isThere = found?.bucket === Bucket && found?.key === Key && switchObjectAt(traffic, world.now());
      if (found === undefined || !isThere) throw new ServiceFault('NotFound', 'Not Found', 404);
      return {
        ContentLength: 0,
        ETag: EMPTY_ETAG,
        LastModified: new Date(found.states.at(-1)?.at ?? world.inventory.createdAt),
        VersionId: versionOf(found),
      };
    }),
  ];
}

/** The stack's own buckets hold objects, too; none of them is simulated. */
function isOwn(world: World, bucket: string | undefined): boolean {
  const { primary, recovery } = world.inventory;
  return [primary.names.bucket, recovery.names.bucket].includes(bucket ?? '');
}

function switchObjectOf(world: World, { Bucket, Key }: Named, { operation: name }: CallContext): SwitchObject {
  const found = world.inventory.traffic.switchObject;
  if (found?.bucket !== Bucket && !isOwn(world, Bucket)) {
    throw new ServiceFault('NoSuchBucket', 'The specified bucket does not exist', 404);
  }
  if (found === undefined || found.bucket !== Bucket || found.key !== Key) {
    throw new ServiceFault(
      'NotImplemented',
      `The sandbox keeps no objects but the one that a switch watches: s3:${name} of ${Key ?? ''} is not simulated.`,
      501,
    );
  }
  return found;
}
