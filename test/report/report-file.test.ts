import { chmod, lchown, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkReportPath, writeReport } from '../../src/report/report-file.ts';

const document = { schema: 'nanoops/run@1', verdict: 'ok' };
const texts = { markdown: () => '# all well\n', html: async () => '<!doctype html>\n', junit: () => '<testsuites/>\n' };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-report-'));
});
afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});

const write = (name: string): Promise<void> => writeReport(join(folder, name), document, texts);

describe('a report', () => {
  it('is JSON, Markdown, HTML or JUnit by its ending, and leaves nothing else behind', async () => {
    await write('a.json');
    await write('b.MD');
    await write('c.html');
    await write('d.xml');
    expect(JSON.parse(await readFile(join(folder, 'a.json'), 'utf8'))).toEqual(document);
    expect(await readFile(join(folder, 'b.MD'), 'utf8')).toBe('# all well\n');
    expect(await readFile(join(folder, 'c.html'), 'utf8')).toBe('<!doctype html>\n');
    expect(await readFile(join(folder, 'd.xml'), 'utf8')).toBe('<testsuites/>\n');
    expect((await readdir(folder)).toSorted()).toEqual(['a.json', 'b.MD', 'c.html', 'd.xml']);
  });

  it('replaces an earlier one', async () => {
    await writeFile(join(folder, 'a.md'), 'old and longer than the new one');
    await write('a.md');
    expect(await readFile(join(folder, 'a.md'), 'utf8')).toBe('# all well\n');
  });

  it('leaves a link a link, and writes what it points to', async () => {
    await writeFile(join(folder, 'real.md'), 'old');
    await symlink(join(folder, 'real.md'), join(folder, 'link.md'));
    await write('link.md');
    expect((await lstat(join(folder, 'link.md'))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'real.md'), 'utf8')).toBe('# all well\n');
  });

  it('keeps who may read the one that it replaces, whatever the umask; a new one is as the umask has it', async () => {
    const modeOf = async (name: string) => (await lstat(join(folder, name))).mode & 0o777;
    for (const mode of [0o600, 0o640, 0o666]) {
      await writeFile(join(folder, 'a.md'), 'old');
      await chmod(join(folder, 'a.md'), mode);
      await write('a.md');
      expect((await modeOf('a.md')).toString(8)).toBe(mode.toString(8));
    }
    await writeFile(join(folder, 'plain'), '');
    await write('new.md');
    expect(await modeOf('new.md')).toBe(await modeOf('plain'));
  });

  it.each(['real.html', 'real.json', 'authorized_keys'])('does not go through a link to %s', async (name) => {
    await writeFile(join(folder, name), 'old');
    await symlink(join(folder, name), join(folder, 'first.md'));
    await symlink('first.md', join(folder, 'link.md'));
    await expect(write('link.md')).rejects.toMatchObject({
      code: 'ReportLinkLeadsElsewhere',
      exitCode: 2,
      message: expect.stringContaining(`${name}", which is no .md file`),
      nextStep: expect.stringContaining(`rm ${join(folder, 'link.md')}`),
    });
    expect(await readFile(join(folder, name), 'utf8')).toBe('old');
    expect((await readdir(folder)).toSorted()).toEqual(['first.md', 'link.md', name].toSorted());
  });

  describe.runIf(process.geteuid?.() === 0)('where somebody else made a link', () => {
    const nobody = 65_534;

    it.each([
      { theirs: 'link.md', told: 'link.md" is a link that belongs' },
      { theirs: 'first.md', told: 'first.md", which belongs' },
    ])('does not go through it: $theirs', async ({ theirs, told }) => {
      await writeFile(join(folder, 'real.md'), 'old');
      await symlink('real.md', join(folder, 'first.md'));
      await symlink('first.md', join(folder, 'link.md'));
      await lchown(join(folder, theirs), nobody, nobody);
      await expect(write('link.md')).rejects.toMatchObject({
        code: 'ReportLinkLeadsElsewhere',
        exitCode: 2,
        message: expect.stringContaining(`${told} to somebody else (uid ${nobody})`),
      });
      expect(await readFile(join(folder, 'real.md'), 'utf8')).toBe('old');
    });

    it('root’s leads anybody', async () => {
      await writeFile(join(folder, 'real.md'), 'old');
      await symlink('real.md', join(folder, 'link.md'));
      vi.spyOn(process, 'geteuid').mockReturnValue(nobody);
      await write('link.md').finally(() => vi.restoreAllMocks());
      expect(await readFile(join(folder, 'real.md'), 'utf8')).toBe('# all well\n');
    });
  });

  it('does not take the place of a link that leads nowhere, or in a circle', async () => {
    await symlink('missing.md', join(folder, 'link.md'));
    await symlink('circle.md', join(folder, 'circle.md'));
    for (const name of ['link.md', 'circle.md']) {
      await expect(write(name)).rejects.toMatchObject({ code: 'ReportLinkLeadsElsewhere', exitCode: 2 });
      expect((await lstat(join(folder, name))).isSymbolicLink()).toBe(true);
    }
    expect((await readdir(folder)).toSorted()).toEqual(['circle.md', 'link.md']);
  });

  it.each(['report', 'report.htm', 'report.txt', '.md'])(
    'is refused as "%s", and the endings are named',
    async (name) => {
      await expect(write(name)).rejects.toMatchObject({
        code: 'ReportFormatUnknown',
        exitCode: 2,
        message: expect.stringContaining('.md, .html, .json or .xml'),
      });
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('is refused where its folder is missing, with the command that makes it', async () => {
    await expect(write('no/where/a.md')).rejects.toMatchObject({
      code: 'ReportFolderMissing',
      exitCode: 2,
      nextStep: expect.stringContaining('mkdir -p'),
    });
  });

  it('is refused where a file stands for the folder', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(write('file/a.md')).rejects.toMatchObject({ code: 'ReportFolderMissing', exitCode: 2 });
  });

  it('does not go into a folder of its name, nor through a link to one', async () => {
    await mkdir(join(folder, 'a.md'));
    await symlink(join(folder, 'a.md'), join(folder, 'link.md'));
    await expect(write('a.md')).rejects.toMatchObject({ code: 'ReportNotAFile', exitCode: 2 });
    await expect(write('link.md')).rejects.toMatchObject({ code: 'ReportNotAFile', exitCode: 2 });
    expect(await readdir(join(folder, 'a.md'))).toEqual([]);
  });

  it('keeps what was there when it cannot be made', async () => {
    await writeFile(join(folder, 'a.md'), 'old');
    const fails = (): string => {
      throw new Error('no markdown');
    };
    await expect(writeReport(join(folder, 'a.md'), document, { ...texts, markdown: fails })).rejects.toThrow(
      'no markdown',
    );
    expect(await readFile(join(folder, 'a.md'), 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.md']);
  });

  it('can be refused before anything is done, and checking writes nothing', async () => {
    await expect(checkReportPath(join(folder, 'a.pdf'))).rejects.toMatchObject({ exitCode: 2 });
    await checkReportPath(join(folder, 'a.md'));
    expect(await readdir(folder)).toEqual([]);
  });

  it('tells what it could not write when the disk refuses', async () => {
    const name = `${'x'.repeat(300)}.md`;
    await expect(write(name)).rejects.toMatchObject({
      code: 'ReportNotWritten',
      exitCode: 5,
      message: expect.stringContaining('name too long'),
    });
  });
});
