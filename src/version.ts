/** The version of this nanoops, from package.json; the build puts it in. */
import packageJson from '../package.json' with { type: 'json' };

export const version: string = packageJson.version;
