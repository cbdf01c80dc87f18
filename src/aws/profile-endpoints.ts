/**
 * The endpoints that the shared configuration files name, as the SDK's clients find them: of the profile that `AWS_PROFILE` names,
 * whichever credentials are used, and of its `services` section (AWS SDKs and Tools Reference Guide, "Service-specific endpoints").
 * Read only; nothing is contacted.
 */
import { readFile } from 'node:fs/promises';
import type { SharedFiles } from './profile-sources.ts';

export interface ProfileEndpoint {
  /** Of which service, as variables call it; absent: of all that have none of their own. */
  readonly service?: string;
  /** Where it stands: `endpoint_url of profile dev`. */
  readonly name: string;
  readonly url: string;
}

export interface ProfileEndpoints {
  /** The profile says that no endpoint counts that is configured, in variables neither. */
  readonly areIgnored: boolean;
  readonly endpoints: readonly ProfileEndpoint[];
}

const none: ProfileEndpoints = { areIgnored: false, endpoints: [] };

type Sections = Readonly<Record<string, Readonly<Record<string, string | undefined>> | undefined>>;

export async function profileEndpoints(
  profile: string,
  files: Required<SharedFiles>,
  services: readonly string[],
): Promise<ProfileEndpoints> {
  const texts = await Promise.all([files.config, files.credentials].map(textOf));
  // Most files name none, and their parser is not loaded then.
  if (!texts.some((text) => text.includes('endpoint_url'))) return none;
  const { loadSharedConfigFiles } = await import('@smithy/core/config');
  const read = await loadSharedConfigFiles({ configFilepath: files.config, filepath: files.credentials });
  const config: Sections = read.configFile;
  const settings = { ...sectionOf(read.credentialsFile, profile), ...sectionOf(config, profile) };
  const section = settings['services'];
  const ofServices = section === undefined ? {} : sectionOf(config, `services.${section}`);
  const ofAll = settings['endpoint_url'];
  return {
    areIgnored: settings['ignore_configured_endpoint_urls'] === 'true',
    endpoints: [
      ...services.flatMap((service) => {
        const key = service.toLowerCase();
        const url = ofServices[`${key}.endpoint_url`];
        return url ? [{ service, name: `endpoint_url of ${key} in services ${section ?? ''}`, url }] : [];
      }),
      ...(ofAll ? [{ name: `endpoint_url of profile ${profile}`, url: ofAll }] : []),
    ],
  };
}

function sectionOf(sections: Sections, name: string): Readonly<Record<string, string | undefined>> {
  return Object.hasOwn(sections, name) ? (sections[name] ?? {}) : {};
}

/** What cannot be read is as good as not there, as the SDK has it. */
async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
