/** Writes templates to files: each region's to one of its own. */
import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, parse, resolve } from 'node:path';
import { NanoopsError } from '../errors.ts';
import { templateText } from '../report/template-text.ts';

export interface Template {
  readonly region: string;
  readonly template: object;
}

/** Gives the paths, as they were asked for. Each file is there as a whole or not at all. */
export async function writeTemplates(
  cwd: string,
  path: string,
  templates: readonly Template[],
  format: 'yaml' | 'json',
): Promise<readonly { readonly region: string; readonly path: string }[]> {
  const { dir, name, ext } = parse(path);
  const written = templates.map(({ region, template }) => ({
    region,
    template,
    path: templates.length === 1 ? path : join(dir, `${name}.${region}${ext}`),
  }));
  for (const each of written) {
    const file = resolve(cwd, each.path);
    const temporary = join(dirname(file), `.nanoops-${randomUUID()}.tmp`);
    try {
      await writeFile(temporary, templateText(each.template, format), { flag: 'wx' });
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw new NanoopsError(`the template ${JSON.stringify(each.path)} could not be written: ${reasonOf(error)}`, {
        code: 'TemplateNotWritten',
        exitCode: 5,
        nextStep: 'choose a folder that is there and can be written to, or leave --file out and name a region',
        cause: error,
      });
    }
  }
  return written.map(({ region, path: file }) => ({ region, path: file }));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
