/** Certificates of AWS Certificate Manager. */
import type { CertificateState } from '../../cloud/recovery-facts.ts';
import type { FactTools } from './tools.ts';

export async function certificate({ clients }: FactTools, region: string, arn: string): Promise<CertificateState> {
  const acm = await clients.acm(region);
  const { Certificate } = await acm.describeCertificate({ CertificateArn: arn });
  const names = [Certificate?.DomainName, ...(Certificate?.SubjectAlternativeNames ?? [])];
  return {
    arn,
    status: Certificate?.Status ?? 'unknown',
    expiresAt: Certificate?.NotAfter?.getTime(),
    names: [...new Set(names.flatMap((name) => name?.toLowerCase() ?? []))],
  };
}
