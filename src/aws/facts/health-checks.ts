/** Route 53's health checks. */
import type { HealthCheckState } from '../../cloud/recovery-facts.ts';
import type { FactTools } from './tools.ts';

/** No checker goes out for these; Route 53 refuses to tell of observations (API Reference, GetHealthCheckStatus). */
const withoutCheckers = new Set(['CALCULATED', 'CLOUDWATCH_METRIC', 'RECOVERY_CONTROL']);

export async function healthCheck({ clients }: FactTools, id: string): Promise<HealthCheckState> {
  const route53 = await clients.route53();
  const { HealthCheck } = await route53.getHealthCheck({ HealthCheckId: id });
  const { Type: type = 'unknown', Disabled, Inverted } = HealthCheck?.HealthCheckConfig ?? {};
  const seen = withoutCheckers.has(type)
    ? []
    : ((await route53.getHealthCheckStatus({ HealthCheckId: id })).HealthCheckObservations ?? []);
  return {
    id,
    type,
    disabled: Disabled ?? false,
    inverted: Inverted ?? false,
    observations: seen.map(({ Region, StatusReport }) => ({
      region: Region ?? 'unknown',
      // "Success: HTTP Status Code 200, OK", "Failure: …"
      healthy: /^Success\b/i.test(StatusReport?.Status ?? ''),
      detail: StatusReport?.Status ?? 'nothing reported',
    })),
  };
}
