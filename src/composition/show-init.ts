/** Finds the stack, and shows what was found in the format that the flags ask for. */
import type { InitFlags } from '../commands/init-flags.ts';
import { noTestCases, outputOf } from '../commands/flags.ts';
import { colorLevel } from './color.ts';
import { columnsOf } from './columns.ts';
import { openInitDesk } from './init-desk.ts';
import type { Io } from './io.ts';
import { jsonText } from '../report/json-text.ts';

/** Gives the exit code. */
export async function showInit(io: Io, flags: InitFlags, print: (text: string) => void): Promise<number> {
  const { init } = await import('../use-cases/init/init.ts');
  const desk = await openInitDesk(flags, io);
  try {
    const document = await init(desk, {
      service: flags.service,
      cluster: flags.cluster,
      recoveryRegion: flags.recoveryRegion,
      choices: flags.choose ?? [],
      dryRun: flags.dryRun === true,
      check: flags.check !== false,
    });
    switch (outputOf(flags)) {
      case 'json':
        print(jsonText(document, 2));
        break;
      case 'ndjson':
        for (const finding of document.findings) print(jsonText(finding));
        break;
      case 'junit':
        throw noTestCases();
      case 'markdown':
        print(`\`\`\`yaml\n${document.yaml}\`\`\``);
        break;
      case 'human': {
        const { initView, initRemarks } = await import('../terminal/init-view.ts');
        const options = { columns: columnsOf(io), isBrief: flags.quiet === true };
        if (document.written) {
          print(initView(document, { ...options, color: colorLevel(flags, io, io.stdout) > 0 }));
        } else {
          print(document.yaml);
          io.stderr.write(initRemarks(document, { ...options, color: colorLevel(flags, io, io.stderr) > 0 }));
        }
      }
    }
    return document.exitCode;
  } finally {
    desk.close();
  }
}
