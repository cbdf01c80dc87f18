/** Checks and explains the configuration. Nothing is contacted. */
import { documentSchemas } from '../config/json-schema.ts';
import { lineSchema } from '../logs/line-schema.ts';
import { loadConfig, validateConfig, type LoadOptions } from '../config/load.ts';
import { didYouMean } from '../config/nearest.ts';
import { showConfigDocument } from '../config/show.ts';
import { NanoopsError } from '../errors.ts';
import type { ListDocument } from '../report/schemas.ts';

export interface ValidDocument {
  readonly schema: 'nanoops/valid@1';
  readonly file: string;
  /** The environments that were checked. */
  readonly environments: readonly string[];
}

/** @throws NanoopsError `ConfigInvalid`, with every fault, and what else `validateConfig` throws. */
export async function checkConfigFile(options: LoadOptions): Promise<ValidDocument> {
  const { file, environments } = await validateConfig(options);
  return { schema: 'nanoops/valid@1', file, environments };
}

export async function explainConfig(options: LoadOptions): Promise<ListDocument> {
  return showConfigDocument(await loadConfig(options));
}

/** What `--of` takes. */
export function documentNames(): readonly string[] {
  return [...Object.keys(documentSchemas), 'log-line'];
}

/** @throws NanoopsError `UnknownDocument` */
export function schemaOf(name: string): object {
  const schemas: Readonly<Record<string, () => object>> = { ...documentSchemas, 'log-line': () => lineSchema() };
  const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  if (schema !== undefined) return schema();
  const names = Object.keys(schemas);
  const suggestion = didYouMean(name, names);
  throw new NanoopsError(`there is no document "${name}"`, {
    code: 'UnknownDocument',
    exitCode: 2,
    details: suggestion === undefined ? [] : [suggestion],
    nextStep: `use --of with one of: ${names.join(', ')}`,
  });
}
