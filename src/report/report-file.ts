/**
 * Writes a report to where `--report` says: Markdown, HTML, JSON or JUnit, by the file's ending. The file appears whole or not at
 * all, and nothing but a plain file of that kind is ever replaced, wherever links lead.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { shellLine } from '../cloud/shell-line.ts';
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
  /** What is replaced; undefined where nothing is there yet. */
  readonly existing?: Existing;
}

/** Whose the file is, and who may read it. */
interface Existing {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Finds out, before anything is done, whether a report can be written there.
 *
 * @throws NanoopsError `ReportFormatUnknown`, `ReportFolderMissing`, `ReportNotAFile`, `ReportLinkLeadsElsewhere`,
 * `ReportNotWritable`; exit code 2
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
  const { path: file, format, existing } = await targetOf(path);
  const text = format === 'json' ? `${jsonText(document, 2)}\n` : await texts[format]();
  const temporary = join(dirname(file), `.nanoops-${randomUUID()}.tmp`);
  try {
    await writeDurably(temporary, text, existing);
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

/** Writes a file that must not exist yet, and waits until it is on the disk. In the place of another it is for the same people. */
async function writeDurably(path: string, text: string, existing: Existing | undefined): Promise<void> {
  const file = await open(path, 'wx', existing === undefined ? 0o666 : 0o600);
  try {
    await file.writeFile(text, 'utf8');
    if (existing !== undefined) {
      const { uid, gid } = await file.stat();
      // Only root can give a file away; another user's report becomes the user's own.
      if (uid !== existing.uid || gid !== existing.gid) {
        await file.chown(existing.uid, existing.gid).catch(() => undefined);
      }
      await file.chmod(existing.mode & 0o777);
    }
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
  const path = await placeOf(given, format);
  await checkFolder(given, dirname(path));
  // Whatever hinders besides absence was found, and told, with the folder.
  const existing = await lstat(path).catch(() => undefined);
  if (existing === undefined) return { path, format };
  if (!existing.isFile()) {
    throw refused(
      'ReportNotAFile',
      `--report ${quoted(given)}: there is a folder or device of that name`,
      'choose the name of a file',
    );
  }
  return { path, format, existing };
}

/**
 * A link stays a link, and the report it leads to is replaced: a report of the same kind, and nothing else; and no link that
 * somebody else put there, who would choose what is replaced.
 */
async function placeOf(given: string, format: ReportFormat): Promise<string> {
  const path = resolve(given);
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink() !== true) return path;
  const { link, stranger } = await followed(path).catch((error: unknown) => {
    throw leadsElsewhere(given, `is a link that leads nowhere (${reasonOf(error)})`, error);
  });
  if (stranger !== undefined) {
    const whose = `belongs to somebody else (uid ${stranger})`;
    throw leadsElsewhere(
      given,
      link === path ? `is a link that ${whose}` : `leads through ${quoted(link)}, which ${whose}`,
    );
  }
  if (formats[extname(link).toLowerCase()] === format) return link;
  throw leadsElsewhere(given, `is a link to ${quoted(link)}, which is no ${extname(given)} file`);
}

/** Where a link ends; or the first on the way that belongs to neither the user nor root. Windows has no such owners. */
async function followed(path: string): Promise<{ readonly link: string; readonly stranger?: number }> {
  await realpath(path); // Fails for a circle, and for what is not there.
  const user = process.geteuid?.();
  let link = path;
  for (;;) {
    const found = await lstat(link);
    if (!found.isSymbolicLink()) return { link };
    if (user !== undefined && found.uid !== user && found.uid !== 0) return { link, stranger: found.uid };
    const next = resolve(await realpath(dirname(link)), await readlink(link));
    link = join(await realpath(dirname(next)), basename(next));
  }
}

function leadsElsewhere(given: string, what: string, cause?: unknown): NanoopsError {
  return refused(
    'ReportLinkLeadsElsewhere',
    `--report ${quoted(given)} ${what}; nothing was written`,
    `name another file, or take the link away: ${shellLine('rm', given)}`,
    cause,
  );
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
      throw refused('ReportFolderMissing', `${where} does not exist`, shellLine('mkdir', '-p', folder), error);
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
