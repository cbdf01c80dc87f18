/**
 * Where a profile of the shared configuration files says that its credentials come from: regions and ways, never a secret.
 * Read as the SDK reads them; nothing is contacted.
 */

export interface ProfileSettings {
  readonly name: string;
  readonly region?: string;
  readonly assumesRole: boolean;
  readonly ssoRegion?: string;
  readonly stsEndpoints?: string;
}

export interface SharedFiles {
  /** Absolute; absent: the SDK's own places. */
  readonly config?: string;
  readonly credentials?: string;
}

/** The profile, then those that it builds on (`source_profile`), each once; empty for one that is not there. */
export async function profileSources(profile: string, files: SharedFiles): Promise<readonly ProfileSettings[]> {
  const { loadSsoSessionData, parseKnownFiles } = await import('@smithy/core/config');
  const places = {
    ...(files.config === undefined ? {} : { configFilepath: files.config }),
    ...(files.credentials === undefined ? {} : { filepath: files.credentials }),
  };
  const [profiles, sessions] = await Promise.all([parseKnownFiles(places), loadSsoSessionData(places)]);
  const chain = new Map<string, ProfileSettings>();
  for (let name: string | undefined = profile; name !== undefined && !chain.has(name);) {
    const found: Readonly<Record<string, string | undefined>> | undefined = Object.hasOwn(profiles, name)
      ? profiles[name]
      : undefined;
    if (found === undefined) break;
    const session = found['sso_session'];
    const ssoRegion =
      session === undefined || !Object.hasOwn(sessions, session)
        ? found['sso_region']
        : (sessions[session]?.['sso_region'] ?? found['sso_region']);
    const { region, sts_regional_endpoints: stsEndpoints } = found;
    chain.set(name, {
      name,
      ...(region === undefined ? {} : { region }),
      assumesRole: found['role_arn'] !== undefined,
      ...(ssoRegion === undefined ? {} : { ssoRegion }),
      ...(stsEndpoints === undefined ? {} : { stsEndpoints }),
    });
    name = found['source_profile'];
  }
  return [...chain.values()];
}
