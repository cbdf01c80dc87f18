/**
 * Writes a report to where `--report` says: Markdown, HTML, JSON or JUnit, by the file's ending. The file appears whole or not at
 * all, and nothing but a plain file is ever replaced.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { NanoopsError } from '../errors.ts';
import { jsonText } from './json-text.ts';
import { plain } from './plain-text.ts';

type ReportFormat = 'json' | 'markdown' | 'html' | 'junit';

const formats: Readonly<Record<string, ReportFormat>> = {
  '.json': 'json',
  '.md': 'markdown',
  '.html': 'html',
  '.xml': 'junit',
};

/** Makes the text of a document, in every format but JSON. Asked only for the format that is written. */
export interface ReportTexts {
  readonly markdown: () => string | Promise<string>;
  readonly html: () => string | Promise<string>;
  readonly junit: () => string | Promise<string>;
}

interface Target {
  readonly path: string;
  readonly format: ReportFormat;
}

/**
 * Finds out, before anything is done, whether a report can be written there.
 *
 * @throws NanoopsError `ReportFormatUnknown`, `ReportFolderMissing`, `ReportNotAFile`, `ReportNotWritable`; exit code 2
 */
export async function checkReportPath(path: string): Promise<void> {
  await targetOf(path);
}

/**
 * Writes the document as JSON or, through `texts`, as Markdown, HTML or JUnit.
 *
 * @throws NanoopsError as `checkReportPath` does, and `ReportNotWritten` when writing fails
 */
export async function writeReport(path: string, document: object, texts: ReportTexts): Promise<void> {
  const { path: file, format } = await targetOf(path);
  const text = format === 'json' ? `${jsonText(document, 2)}\n` : await texts[format]();
  const temporary = join(dirname(file), `.nanoops-${randomUUID()}.tmp`);
  try {
    await writeDurably(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new NanoopsError(`the report ${quoted(path)} could not be written: ${reasonOf(error)}`, {
      code: 'ReportNotWritten',
      exitCode: 5,
      details: ['the run itself has ended; what it found stands in the output above'],
      nextStep: 'make room or choose another folder, and run it again',
      cause: error,
    });
  }
}

/** Writes a file that must not exist yet, and waits until it is on the disk. */
async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
}

async function targetOf(given: string): Promise<Target> {
  const format = formats[extname(given).toLowerCase()];
  if (format === undefined) {
    throw refused(
      'ReportFormatUnknown',
      `--report ${quoted(given)}: a report ends in .md, .html, .json or .xml (JUnit)`,
      'name the file report.md, report.html, report.json or report.xml',
    );
  }
  const path = resolve(given);
  const existing = await kindOf(path);
  if (existing === 'other') {
    throw refused(
      'ReportNotAFile',
      `--report ${quoted(given)}: there is a folder or device of that name`,
      'choose the name of a file',
    );
  }
  // A link to a file stays a link: what it points to is replaced.
  const target = existing === 'file' ? await realpath(path) : path;
  await checkFolder(given, dirname(target));
  return { path: target, format };
}

async function kindOf(path: string): Promise<'file' | 'other' | 'absent'> {
  try {
    return (await stat(path)).isFile() ? 'file' : 'other';
  } catch {
    // Whatever hinders besides absence is found, and told, with the folder.
    return 'absent';
  }
}

async function checkFolder(given: string, folder: string): Promise<void> {
  const where = `--report ${quoted(given)}: the folder ${quoted(folder)}`;
  try {
    const found = await stat(folder);
    if (!found.isDirectory()) {
      throw refused('ReportFolderMissing', `${where} is not a folder`, 'choose another place');
    }
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof NanoopsError) throw error;
    if (codeOf(error) === 'ENOENT') {
      throw refused('ReportFolderMissing', `${where} does not exist`, `mkdir -p ${quoted(folder)}`, error);
    }
    throw refused(
      'ReportNotWritable',
      `${where} cannot be written to: ${reasonOf(error)}`,
      'choose another folder',
      error,
    );
  }
}

function refused(code: string, message: string, nextStep: string, cause?: unknown): NanoopsError {
  return new NanoopsError(message, { code, exitCode: 2, nextStep, cause });
}

function quoted(path: string): string {
  return `"${plain(path)}"`;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Node's own words without its code and the path, which stand beside it. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^[A-Z]+: /, '').replace(/, \w+(?: '.*)?$/, '');
}
