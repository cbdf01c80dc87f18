/**
 * The rule on credentials: whoever is to act must be able to sign while the region is gone. Roles of the configuration are
 * assumed at the STS of the region that is asked; the rest is decided by the environment and the profile.
 * Source: AWS SDKs and Tools Reference Guide, "AWS STS Regional endpoints", "IAM Identity Center", "Assume a role"; of
 * the SDK for JavaScript 3 a profile's role is assumed in the profile's `region`, else in the region of the client that asks.
 */
import { gravest, namesRegion, type LintCheck, type LintEvidence, type LintStatus } from './finding.ts';
import type { CredentialSources, LintInput, ProfileSource } from './input.ts';
import { programsOf } from './stack-rules.ts';

const globalSts = 'us-east-1';

interface Trouble {
  readonly status: LintStatus;
  readonly evidence: LintEvidence;
  readonly nextStep: string;
}

export function credentialCheck(input: LintInput): LintCheck {
  const { impaired, credentials } = input;
  const rule = {
    id: 'lint-credentials',
    title: `Credentials do not come from ${impaired}`,
    area: 'credentials',
    severity: 'critical',
  } as const;
  const troubles = [...rolesTrouble(input), ...(credentials === undefined ? [] : sourcesTrouble(input, credentials))];
  const status = gravest(troubles.map((each) => each.status));
  const [first, ...more] = troubles.toSorted((a, b) => Number(b.status === 'breach') - Number(a.status === 'breach'));
  if (first !== undefined) {
    return {
      ...rule,
      status,
      summary: `${first.evidence.detail}${more.length === 0 ? '' : `, and ${more.length} more`}`,
      nextStep: [...new Set([first, ...more].map(({ nextStep }) => nextStep))].join('; '),
      evidence: [first, ...more].map(({ evidence }) => evidence),
    };
  }
  return credentials === undefined
    ? { ...rule, status: 'not-configured', summary: 'the simulated AWS asks for none', evidence: [] }
    : {
        ...rule,
        status: 'ok',
        summary: `roles are assumed in the region that is asked, and nothing of the environment or the profile leads to ${impaired}`,
        evidence: credentials.profiles.map(({ name, region, ssoRegion }) => ({
          source: `profile ${name}`,
          region: ssoRegion ?? region ?? 'no region',
          detail:
            ssoRegion === undefined
              ? `profile ${name}`
              : `profile ${name} signs in at IAM Identity Center in ${ssoRegion}`,
        })),
      };
}

/** Whoever assumes a role for one region has its own account there; the other region then wants a role too. */
function rolesTrouble({ config, stack }: LintInput): readonly Trouble[] {
  const { primary, recovery } = config.roles ?? {};
  if (stack.recovery === undefined || (primary === undefined) === (recovery === undefined)) return [];
  const missing = recovery === undefined ? 'recovery' : 'primary';
  const { region } = missing === 'recovery' ? stack.recovery : stack.primary;
  return [
    {
      status: 'warning',
      evidence: {
        source: `nanoops.yaml:roles.${missing}`,
        region,
        detail: `roles.${missing} is not configured, though the other region has one: ${region} is asked with whatever credentials there are`,
      },
      nextStep: `name the role for ${region}: roles.${missing}`,
    },
  ];
}

function sourcesTrouble(input: LintInput, { variables, profiles }: CredentialSources): readonly Trouble[] {
  return [
    ...profiles.flatMap((profile, index) => profileTrouble(input, profile, index === 0)),
    ...legacyTrouble(input, variables, profiles),
    ...variableTrouble(input, variables),
  ];
}

function profileTrouble(
  { impaired, stack }: LintInput,
  { name, region, assumesRole, ssoRegion }: ProfileSource,
  isUsed: boolean,
): readonly Trouble[] {
  const other = [stack.primary.region, stack.recovery?.region].find((each) => each !== impaired) ?? 'another region';
  return [
    ...(ssoRegion === impaired
      ? [
          {
            status: 'breach' as const,
            evidence: {
              source: `profile ${name}`,
              region: impaired,
              detail: `profile ${name} gets its credentials from IAM Identity Center in ${impaired} (sso_region)`,
            },
            nextStep: 'prepare a way in that does without it: a break-glass role or user, under a profile of its own',
          },
        ]
      : []),
    ...(assumesRole && isUsed && region === impaired
      ? [
          {
            status: 'breach' as const,
            evidence: {
              source: `profile ${name}`,
              region: impaired,
              detail: `profile ${name} assumes its role at the STS of ${impaired} (region)`,
            },
            nextStep: `set the profile\u2019s region to ${other}, or leave it out: the region that is asked then counts`,
          },
        ]
      : []),
  ];
}

/** nanoops asks regional endpoints always; older SDKs and version 1 of the aws command do as they are told. */
function legacyTrouble(
  input: LintInput,
  variables: CredentialSources['variables'],
  profiles: readonly ProfileSource[],
): readonly Trouble[] {
  const legacy = profiles.find(({ stsEndpoints }) => stsEndpoints === 'legacy');
  const source =
    variables['AWS_STS_REGIONAL_ENDPOINTS'] === 'legacy'
      ? 'AWS_STS_REGIONAL_ENDPOINTS'
      : legacy && `profile ${legacy.name}`;
  if (source === undefined || input.impaired !== globalSts || programsOf(input).length === 0) return [];
  return [
    {
      status: 'warning',
      evidence: {
        source,
        region: globalSts,
        detail: `${source} says "legacy": programs that nanoops starts may assume roles at the global STS, in ${globalSts}`,
      },
      nextStep: 'set it to "regional"',
    },
  ];
}

function variableTrouble(input: LintInput, variables: CredentialSources['variables']): readonly Trouble[] {
  const { impaired } = input;
  return Object.entries(variables).flatMap(([name, value]): readonly Trouble[] => {
    if (!namesRegion(value, impaired)) return [];
    const evidence = { source: name, region: impaired, detail: `${name} is ${value}` };
    if (name === 'AWS_REGION' || name === 'AWS_DEFAULT_REGION') {
      // nanoops itself says of each call which region it is for.
      return programsOf(input).length === 0
        ? []
        : [
            {
              status: 'warning',
              evidence: { ...evidence, detail: `${name} is ${value}: programs that nanoops starts inherit it` },
              nextStep: `unset ${name} where nanoops is started, or let each program take its region from NANOOPS_REGION`,
            },
          ];
    }
    return name.startsWith('AWS_ENDPOINT_URL')
      ? [{ status: 'breach', evidence, nextStep: `unset ${name}: what it leads to goes with ${impaired}` }]
      : [];
  });
}
