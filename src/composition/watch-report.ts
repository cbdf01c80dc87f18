/** Who watches: a screen that is kept up to date where somebody sits before one, else lines, or a document a line. */
import { outputOf, type StackFlags } from '../commands/flags.ts';
import type { ReportDocument } from '../report/schemas.ts';
import type { Session } from '../use-cases/session.ts';
import type { Pace, WatchEnd, Watcher, WatchEvent } from '../use-cases/watch-report.ts';
import { colorLevel } from './color.ts';
import { columnsOf } from './columns.ts';
import type { Io } from './io.ts';
import { jsonText } from '../report/json-text.ts';
import { isSet } from './person.ts';
import { writeDown } from './show-report.ts';
import { systemClock } from './system-clock.ts';

/** How much faster a simulation is watched than it happens: a look every three seconds. */
const timesAsFast = 10;

export interface ReportWatch {
  watcher(session: Session): Watcher;
  /** Leaves the last picture behind, and writes the report that `--report` asks for. */
  finish(end: WatchEnd): Promise<void>;
  /** Leaves the screen as it was, whatever became of the work. */
  readonly close: () => void;
}

/** Where a watch is shown. */
interface Display {
  readonly tell: (event: WatchEvent) => void;
  /** What stays of it. */
  last?(document: ReportDocument): void;
  readonly close: () => void;
}

export async function reportWatch(
  io: Io,
  flags: StackFlags,
  { looks }: Pace,
  print: (text: string) => void,
): Promise<ReportWatch> {
  const quit = new AbortController();
  const leave = (): void => quit.abort(new Error('left by whoever watched'));
  const isOnScreen =
    outputOf(flags) === 'human' &&
    io.stdout.isTTY === true &&
    io.stdout.stream !== undefined &&
    io.env['TERM'] !== 'dumb' &&
    !isSet(io.env['CI']);
  // Nobody reads a simulated day that passes in a moment, and without an end it would never stop.
  const isPaced = flags.sandbox !== undefined && (isOnScreen || looks === undefined);
  const display = isOnScreen
    ? await screenDisplay(io, flags, { leave, print, isPaced })
    : await lineDisplay(io, flags, print);
  // At once: the second signal ends the process without asking.
  io.signal.addEventListener('abort', display.close, { once: true });
  return {
    watcher: ({ clock }) => ({
      tell: (event) => display.tell(event),
      quit: quit.signal,
      async pause(durationMs, signal) {
        if (isPaced) await clock.busy(() => systemClock.sleep(durationMs / timesAsFast, signal));
        await clock.sleep(durationMs, signal);
      },
    }),
    async finish({ document }) {
      display.close();
      if (document === undefined) return;
      display.last?.(document);
      await writeDown(flags, document);
    },
    close() {
      io.signal.removeEventListener('abort', display.close);
      display.close();
    },
  };
}

async function screenDisplay(
  io: Io,
  flags: StackFlags,
  { leave, print, isPaced }: { leave: () => void; print: (text: string) => void; isPaced: boolean },
): Promise<Display> {
  const [{ PictureScreen }, { WatchMemory, watchPicture }, { statusView }] = await Promise.all([
    import('../terminal/picture-screen.ts'),
    import('../terminal/watch-picture.ts'),
    import('../terminal/status-view.ts'),
  ]);
  const output = io.stdout.stream?.();
  if (output === undefined) throw new TypeError('there is no terminal to draw on');
  const input = io.stdin?.isTTY === true && flags.input !== false ? io.stdin.stream?.() : undefined;
  const color = colorLevel(flags, io, io.stdout) > 0;
  const memory = new WatchMemory();
  const screen = new PictureScreen({
    output,
    ...(input === undefined ? {} : { input }),
    picture: (size) =>
      watchPicture(memory, { ...size, color, hasKeys: input !== undefined, ...(isPaced ? { timesAsFast } : {}) }),
    quit: leave,
    interrupt: () => io.interrupt?.(),
  });
  return {
    tell(event) {
      memory.take(event);
      screen.open();
      screen.draw();
    },
    last: (document) => {
      const verbosity = flags.quiet === true ? -1 : flags.verbose === true ? 1 : 0;
      print(statusView(document, { columns: columnsOf(io), color, verbosity }));
      if (memory.missed !== undefined) print(`? not seen since: ${memory.missed.failure.reason}`);
    },
    close: screen.close,
  };
}

async function lineDisplay(io: Io, flags: StackFlags, print: (text: string) => void): Promise<Display> {
  const close = (): void => undefined;
  if (outputOf(flags) === 'ndjson') {
    return {
      tell(event) {
        if (event.type === 'looked') print(jsonText(event.document));
        if (event.type === 'missed') print(jsonText(missedDocument(event)));
      },
      close,
    };
  }
  const [{ WatchMemory }, { watchLines }] = await Promise.all([
    import('../terminal/watch-picture.ts'),
    import('../terminal/watch-lines.ts'),
  ]);
  const memory = new WatchMemory();
  const options = { color: colorLevel(flags, io, io.stdout) > 0, isQuiet: flags.quiet === true };
  return {
    tell(event) {
      memory.take(event);
      const lines = watchLines(event, memory, options);
      if (lines.length > 0) print(lines.join('\n'));
    },
    close,
  };
}

/** A look that saw nothing, as the document of any failure. */
function missedDocument({ at, failure }: Extract<WatchEvent, { type: 'missed' }>): object {
  const { reason, nextStep = 'it is looked at again; nothing is to be done if that helps' } = failure;
  const time = new Date(at).toISOString();
  return {
    schema: 'nanoops/error@1',
    exitCode: 3,
    error: { code: 'LookFailed', message: reason, details: [`at ${time}`], nextStep },
  };
}
