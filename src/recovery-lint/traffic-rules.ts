/** Rules on what leads users to a region: the switch of traffic, the record's TTL, the CDN in front, and how it is probed. */
import type { LintCheck } from './finding.ts';
import type { LintInput } from './input.ts';
import { trafficEvidence, type Walked } from './call-rules.ts';

/** A cluster of routing controls has so many endpoints, each in a region of its own (ARC Developer Guide, "Routing control"). */
const allEndpoints = 5;
/** With fewer than these outside the region nothing can be tried again. */
const fewestEndpoints = 2;
const longestTtlSeconds = 60;

export function trafficChecks(input: LintInput, walked: Walked): readonly LintCheck[] {
  return [trafficSwitch(input, walked), ttl(input), cdn(input), probeUrl(input)];
}

function trafficSwitch(input: LintInput, walked: Walked): LintCheck {
  const { impaired, stack } = input;
  const { traffic } = stack;
  const rule = {
    id: 'lint-traffic-switch',
    title: `Traffic can be moved without ${impaired}`,
    area: 'switches',
    severity: 'critical',
  } as const;
  const steps = trafficEvidence(input, walked);
  if (traffic === undefined) {
    return {
      ...rule,
      status: 'not-configured',
      summary: 'dns is not configured: somebody moves traffic by hand',
      evidence: steps,
    };
  }
  switch (traffic.mechanism) {
    case 'records':
      return steps.length === 0
        ? {
            ...rule,
            status: 'ok',
            summary: `${traffic.record} is changed in Route 53, whose API does not live in ${impaired}`,
            evidence: [
              {
                source: 'nanoops.yaml:dns.mechanism',
                region: 'us-east-1',
                detail: 'records: Route 53\u2019s API is in us-east-1',
              },
            ],
          }
        : {
            ...rule,
            status: 'breach',
            summary: `${traffic.record} can only be changed through Route 53\u2019s API in ${impaired}`,
            nextStep:
              'prepare routing controls (dns.mechanism: routing-control), or a health check on an object in the other region (health-check), beforehand: they need no control plane',
            evidence: steps,
          };
    case 'routing-control': {
      const { endpoints } = traffic;
      const outside = endpoints.filter(({ region }) => region !== impaired);
      const evidence = [
        ...endpoints.map(({ region, url }) => ({ source: 'nanoops.yaml:dns.endpoints', region, detail: url })),
        ...steps,
      ];
      const summary = `${outside.length} of the ${endpoints.length} endpoints that are configured lie outside ${impaired}`;
      if (outside.length >= fewestEndpoints && endpoints.length >= allEndpoints && steps.length === 0) {
        return { ...rule, status: 'ok', summary, evidence };
      }
      return {
        ...rule,
        status: outside.length < fewestEndpoints || steps.length > 0 ? 'breach' : 'warning',
        summary,
        nextStep: `write all ${allEndpoints} endpoints of the cluster to dns.endpoints: aws route53-recovery-control-config describe-cluster --region us-west-2`,
        evidence,
      };
    }
    case 'health-check': {
      const { switchObject } = traffic;
      const evidence = [
        {
          source: 'nanoops.yaml:dns.switchObject',
          region: switchObject.region,
          detail: `s3://${switchObject.bucket}/${switchObject.key}`,
        },
        ...steps,
      ];
      return switchObject.region === impaired
        ? {
            ...rule,
            status: 'breach',
            summary: `the object that moves traffic lies in ${impaired}: ${switchObject.bucket}/${switchObject.key}`,
            nextStep: 'keep it in the region that is to take over, where it can be deleted when the other one is gone',
            evidence,
          }
        : {
            ...rule,
            status: 'ok',
            summary: `the object that moves traffic lies in ${switchObject.region}`,
            evidence,
          };
    }
  }
}

function ttl({ records, stack, impaired }: LintInput): LintCheck {
  const rule = {
    id: 'lint-ttl',
    title: `Clients forget the old address within ${longestTtlSeconds} s`,
    area: 'switches',
    severity: 'warning',
  } as const;
  const { traffic } = stack;
  if (records === undefined || traffic === undefined) {
    return { ...rule, status: 'not-configured', summary: 'dns is not configured', evidence: [] };
  }
  if (!records.known) {
    return {
      ...rule,
      status: 'unknown',
      summary: `the record ${traffic.record} could not be read: ${records.reason}`,
      nextStep: records.nextStep ?? 'run it with credentials that may call route53:ListResourceRecordSets',
      evidence: [],
    };
  }
  const evidence = records.value.map(({ name, type, ttl: seconds, alias }) => ({
    source: 'route53:ListResourceRecordSets',
    region: 'us-east-1',
    detail: `${name} ${type}: ${alias === undefined ? `TTL ${seconds ?? 0} s` : 'an alias, 60 s'}`,
  }));
  const [first] = records.value;
  if (first === undefined) {
    return {
      ...rule,
      status: 'breach',
      summary: `there is no record ${traffic.record} in ${traffic.hostedZoneId}`,
      nextStep: 'correct dns.record or dns.hostedZoneId',
      evidence: [{ source: 'route53:ListResourceRecordSets', region: 'us-east-1', detail: `none of that name` }],
    };
  }
  // An alias of a load balancer is answered with 60 s.
  const longest = Math.max(...records.value.map((each) => (each.alias === undefined ? (each.ttl ?? 0) : 60)));
  return longest > longestTtlSeconds
    ? {
        ...rule,
        status: 'warning',
        summary: `${traffic.record} has a TTL of ${longest} s: clients ask ${impaired} that much longer`,
        nextStep: `lower it to ${longestTtlSeconds} s or less, beforehand: it counts from the answer that a client already has`,
        evidence,
      }
    : { ...rule, status: 'ok', summary: `${traffic.record} has a TTL of ${longest} s`, evidence };
}

const hostOf = (url: string | undefined): string | undefined =>
  url === undefined || !URL.canParse(url) ? undefined : new URL(url).hostname.toLowerCase();

/** CloudFront fails over reads alone, and where it fetches from is changed in us-east-1: what moves is its origin's name. */
function cdn({ config, stack }: LintInput): LintCheck {
  const rule = {
    id: 'lint-cdn',
    title: 'Behind the CDN the origin\u2019s name moves',
    area: 'switches',
    severity: 'warning',
  } as const;
  if (config.cdn === undefined) {
    return { ...rule, status: 'not-configured', summary: 'cdn is not configured', evidence: [] };
  }
  const { distribution, url } = config.cdn;
  const host = hostOf(url);
  const { traffic } = stack;
  const evidence = [
    {
      source: 'nanoops.yaml:cdn',
      region: 'us-east-1',
      detail: `${distribution}${host === undefined ? '' : `, ${host}`}`,
    },
    ...(traffic === undefined
      ? []
      : [{ source: 'nanoops.yaml:dns.record', region: 'us-east-1', detail: traffic.record }]),
  ];
  if (traffic !== undefined && host === traffic.record) {
    return {
      ...rule,
      status: 'warning',
      summary: `dns.record ${traffic.record} is the CDN\u2019s own name: moving it takes users past ${distribution}, and where that fetches from is changed by cloudfront:UpdateDistribution, in us-east-1`,
      nextStep: 'give the origin a name of its own, let the distribution fetch from that, and name it in dns.record',
      evidence,
    };
  }
  return {
    ...rule,
    status: 'ok',
    summary:
      host === undefined
        ? `cdn.url is not configured: see that ${distribution} fetches from ${traffic?.record ?? 'the name that moves'}`
        : `${traffic?.record ?? 'what moves'} is not the CDN\u2019s own name ${host}`,
    evidence,
  };
}

const regionLabel =
  /^[a-z]{2}(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d$/;

/** The region that a host of AWS's own is in: `nano-alb-1.us-west-2.elb.amazonaws.com`. */
function regionOfHost(host: string): string | undefined {
  if (!/\.(?:amazonaws\.com(?:\.cn)?|on\.aws|awsapprunner\.com)$/.test(host)) return undefined;
  return host.split('.').find((label) => regionLabel.test(label));
}

function probeUrl({ config, impaired, stack }: LintInput): LintCheck {
  const rule = {
    id: 'lint-probe-url',
    title: 'The API is asked by its public name',
    area: 'endpoints',
    severity: 'critical',
  } as const;
  const url = config.api?.probeUrl;
  const host = hostOf(url);
  if (host === undefined) {
    return {
      ...rule,
      status: 'not-configured',
      summary: 'api.probeUrl is not configured: nothing asks from outside',
      evidence: [],
    };
  }
  const region = regionOfHost(host);
  const evidence = [{ source: 'nanoops.yaml:api.probeUrl', region: region ?? 'outside', detail: host }];
  if (region === undefined) return { ...rule, status: 'ok', summary: `${host} is a name of no region`, evidence };
  return {
    ...rule,
    status: region === impaired ? 'breach' : 'warning',
    summary: `${host} is in ${region}: it is asked past the public name, and says nothing of what users see`,
    nextStep: `probe the name that moves: https://${stack.traffic?.record ?? 'api.example.com'}/\u2026`,
    evidence,
  };
}
