/** Shows a post-mortem in the format that the flags ask for, writes it to where `--report` says, and publishes the status page. */
import type { PublishedPage, ShownPostmortem } from '../commands/command.ts';
import { noTestCases, outputOf, type StackFlags } from '../commands/flags.ts';
import { NanoopsError } from '../errors.ts';
import type { StatusPageDocument } from '../report/incident-schemas.ts';
import type { Io } from './io.ts';
import { jsonText } from '../report/json-text.ts';
import { placeOf, publishFiles } from './publish-page.ts';

/** People read Markdown here: it is what they go on writing. */
export async function showPostmortem(flags: StackFlags, shown: ShownPostmortem): Promise<string> {
  const { document } = shown;
  const output = outputOf(flags);
  if (output === 'json') return jsonText(document, 2);
  if (output === 'ndjson') return jsonText(document);
  if (output === 'junit') throw noTestCases();
  return markdownOf(shown);
}

async function markdownOf({ document }: ShownPostmortem): Promise<string> {
  const { postmortemMarkdown, publicPostmortemMarkdown } = await import('../report/postmortem-markdown.ts');
  return document.schema === 'nanoops/postmortem@1' ? postmortemMarkdown(document) : publicPostmortemMarkdown(document);
}

async function htmlOf({ document }: ShownPostmortem): Promise<string> {
  const { postmortemHtml, publicPostmortemHtml } = await import('../report/html/postmortem-html.ts');
  return document.schema === 'nanoops/postmortem@1' ? postmortemHtml(document) : publicPostmortemHtml(document);
}

/** @throws NanoopsError as `writeReport` does */
export async function writePostmortem({ report }: StackFlags, shown: ShownPostmortem): Promise<void> {
  if (report === undefined) return;
  const { writeReport } = await import('../report/report-file.ts');
  await writeReport(report, shown.document, {
    markdown: () => markdownOf(shown),
    html: () => htmlOf(shown),
    junit: () => {
      throw noTestCases();
    },
  });
}

/** Of an `.xml` there is none: said before anything is done. @throws NanoopsError `NoTestCases`, and as `checkReportPath` does */
export async function checkPostmortemPath(report: string | undefined): Promise<void> {
  if (report === undefined) return;
  if (report.toLowerCase().endsWith('.xml')) throw noTestCases();
  const { checkReportPath } = await import('../report/report-file.ts');
  await checkReportPath(report);
}

/** A browser asks again after so long; what serves it may keep it meanwhile. */
const cacheControl = 'public, max-age=30, must-revalidate';

export async function publishStatusPage(
  io: Io,
  flags: StackFlags,
  to: string,
  { document, region }: { readonly document: StatusPageDocument; readonly region: string },
): Promise<PublishedPage> {
  const place = placeOf(to, io.cwd);
  if (place.kind === 'bucket' && flags.sandbox !== undefined) {
    throw new NanoopsError(
      'the simulated AWS has no status page that anybody reads: nothing of it leaves this machine',
      {
        code: 'FlagWithSandbox',
        exitCode: 2,
        nextStep: 'name a folder, and look at it there: nanoops incident publish ./status --sandbox',
      },
    );
  }
  const { statusPageHtml } = await import('../report/html/status-page-html.ts');
  const files = [
    {
      name: 'status.json',
      text: `${jsonText(document, 2)}\n`,
      contentType: 'application/json; charset=utf-8',
      cacheControl,
    },
    { name: 'index.html', text: statusPageHtml(document), contentType: 'text/html; charset=utf-8', cacheControl },
  ];
  if (flags.dryRun === true) return { files: [], wouldWrite: files.map(({ name }) => name) };
  return { files: await publishFiles(place, files, { io, flags, region }), wouldWrite: [] };
}
