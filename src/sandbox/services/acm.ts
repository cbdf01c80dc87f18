/** Simulated AWS Certificate Manager: the certificate of the API's name, one in each region. ACM API Reference. */
import {
  DescribeCertificate$,
  type CertificateDetail,
  type DescribeCertificateRequest,
  type DescribeCertificateResponse,
} from '@aws-sdk/client-acm';
import { hexNoise } from '../random.ts';
import { certificateSpan, isMissing } from '../world/region-needs.ts';
import type { RegionInventory } from '../world/inventory.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type SimulatedService } from '../wire/service.ts';
import { arnsOf } from './arns.ts';
import { operation } from './operation.ts';

const HOUR_MS = 3_600_000;

export function acmService(world: World): SimulatedService {
  return {
    service: 'acm',
    signingName: 'acm',
    protocol: 'json-1.1',
    target: 'CertificateManager',
    operations: [
      operation<DescribeCertificateRequest, DescribeCertificateResponse>(DescribeCertificate$, (input, call) => {
        const region = world.region(call.region);
        const arn = input.CertificateArn ?? '';
        if (
          region === undefined ||
          arn !== arnsOf(world, region).certificate() ||
          isMissing(world.inventory, region, 'certificate', world.now())
        ) {
          throw new ServiceFault(
            'ResourceNotFoundException',
            `Could not find certificate ${arn} in account ${world.inventory.names.account}.`,
          );
        }
        return { Certificate: certificateOf(world, region) };
      }),
    ],
  };
}

function certificateOf(world: World, region: RegionInventory): CertificateDetail {
  const now = world.now();
  const { names, seed } = world.inventory;
  const { notBefore, notAfter, renewalFails } = certificateSpan(world.inventory, region, now);
  const arns = arnsOf(world, region);
  const covered = namesFor(names.record);
  const [domain = names.record] = covered;
  return {
    CertificateArn: arns.certificate(),
    DomainName: domain,
    SubjectAlternativeNames: [...covered],
    Serial: hexNoise(seed, 'serial', region.role)
      .repeat(4)
      .replaceAll(/..(?=.)/g, '$&:'),
    Subject: `CN=${domain}`,
    Issuer: 'Amazon',
    CreatedAt: new Date(world.inventory.createdAt),
    IssuedAt: new Date(notBefore + HOUR_MS),
    Status: notAfter <= now ? 'EXPIRED' : 'ISSUED',
    NotBefore: new Date(notBefore),
    NotAfter: new Date(notAfter),
    KeyAlgorithm: 'RSA_2048',
    SignatureAlgorithm: 'SHA256WITHRSA',
    InUseBy: [arns.loadBalancer()],
    Type: 'AMAZON_ISSUED',
    RenewalEligibility: 'ELIGIBLE',
    ...(renewalFails && {
      RenewalSummary: {
        RenewalStatus: 'PENDING_VALIDATION',
        DomainValidationOptions: covered.map((name) => ({
          DomainName: name,
          ValidationStatus: 'PENDING_VALIDATION',
          ValidationMethod: 'DNS',
        })),
        UpdatedAt: new Date(Math.min(now, notAfter - 24 * HOUR_MS)),
      },
    }),
  };
}

/** The zone and all names in it; of a record at a zone's top, the record and all names below. */
function namesFor(record: string): readonly string[] {
  const labels = record.split('.');
  const zone = labels.length > 2 ? labels.slice(1).join('.') : record;
  return [zone, `*.${zone}`];
}
