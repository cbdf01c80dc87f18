/** The host of the commands: opens sessions, and shows what comes of them in the format that the flags ask for. */
import { resolve } from 'node:path';
import { noTestCases, outputOf, type StackFlags } from '../commands/flags.ts';
import type { Host, ListView, Opening, Times } from '../commands/command.ts';
import type { RunDocument, RunStepDocument } from '../report/schemas.ts';
import type { RunEvent } from '../engine/events.ts';
import type { RunHistory } from '../engine/history.ts';
import type { FleetReport } from '../use-cases/fleet-reports.ts';
import type { Session } from '../use-cases/session.ts';
import { NanoopsError } from '../errors.ts';
import { exitCodes } from '../use-cases/exit-codes.ts';
import { version } from '../version.ts';
import { aside } from './aside.ts';
import { colorLevel } from './color.ts';
import { columnsOf } from './columns.ts';
import type { Io } from './io.ts';
import { jsonText } from '../report/json-text.ts';
import { canAsk, isSet } from './person.ts';

/** Where a run's events and its document go. */
interface Presenter {
  event(event: RunEvent): void;
  finish(document: RunDocument | RunStepDocument): void | Promise<void>;
  /** Keeps the screen free until what it returns is called. */
  hold?(): () => void;
}

export interface ExitCode {
  set(code: number): void;
}

export function createHost(io: Io, exit: ExitCode): Host {
  const print = (text: string): void => {
    io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  };

  /** Said beside the result: nothing that changes it. */
  const note = (text: string): void => {
    if (io.log === undefined) aside('note', text, io);
    else io.log.warn(text);
  };

  const presenterFor = async (flags: StackFlags, before?: RunHistory): Promise<Presenter> => {
    switch (outputOf(flags)) {
      case 'json':
        return { event: () => undefined, finish: (document) => print(jsonText(document, 2)) };
      case 'ndjson':
        return { event: (event) => print(jsonText(eventDocument(event))), finish: () => undefined };
      case 'junit': {
        const { runJunit } = await import('../report/run-junit.ts');
        return { event: () => undefined, finish: (document) => print(runJunit(document)) };
      }
      case 'markdown': {
        const { runMarkdown } = await import('../report/run-markdown.ts');
        return { event: () => undefined, finish: (document) => print(runMarkdown(document)) };
      }
      case 'human': {
        const { runView } = await import('../terminal/run-view.ts');
        const interactive = io.stderr.isTTY === true && !isSet(io.env['CI']);
        return runView({
          stdout: io.stdout,
          stderr: interactive ? (io.stderr.stream?.() ?? io.stderr) : io.stderr,
          color: { stdout: colorLevel(flags, io, io.stdout), stderr: colorLevel(flags, io, io.stderr) },
          columns: columnsOf(io),
          interactive,
          prompted: canAsk(flags, io),
          ...(before === undefined ? {} : { before }),
          verbosity: flags.quiet === true ? -1 : flags.verbose === true ? 1 : 0,
        });
      }
    }
  };

  /** The report over many services, where the configuration is a pattern; false where it is one file. */
  const showFleet = async (
    flags: StackFlags,
    config: string,
    opening: Opening,
    work: (session: Session, times: Times) => Promise<FleetReport>,
  ): Promise<boolean> => {
    const { namesMany, runFleet } = await import('./fleet.ts');
    if (!namesMany(config, io.cwd)) return false;
    if (flags.report !== undefined) await (await import('../report/report-file.ts')).checkReportPath(flags.report);
    const { fleetPresenter } = await import('./show-fleet.ts');
    const presenter = await fleetPresenter(io, flags, print);
    try {
      const { ended } = presenter;
      const times = (session: Session) => timesOf(flags, session);
      const document = await runFleet(config, { flags, io, opening, times, work, ended });
      await presenter.finish(document);
      exit.set(document.exitCode);
    } finally {
      presenter.close();
    }
    return true;
  };

  return {
    get cwd() {
      return io.cwd;
    },
    version,
    wall: () => Date.now(),
    get signal() {
      return io.signal;
    },

    async showRun(flags, opening, work) {
      const { openSession } = await import('./open-session.ts');
      if (flags.report !== undefined) await (await import('../report/report-file.ts')).checkReportPath(flags.report);
      await checkAnswers(flags);
      const presenter = await presenterFor(flags, opening.resumes);
      const opened = await openSession(flags, io, opening, () => presenter.hold?.() ?? (() => undefined));
      const { observers } = opened;
      const session: Session = {
        ...opened,
        emit: (event) => {
          presenter.event(event);
          io.log?.event(event);
          observers?.event(event);
        },
      };
      let ended: RunDocument | undefined;
      try {
        const document = await work(session, await timesOf(flags, session));
        await presenter.finish(document);
        if (document.schema === 'nanoops/run@1') {
          ended = document;
          await reportOn(flags, document);
        }
        exit.set(document.exitCode);
      } finally {
        for (const trouble of (await observers?.settle(ended)) ?? []) note(trouble);
        session.cloud.close();
        opened.close();
      }
    },

    async showRunStep(flags, document) {
      await (await presenterFor(flags)).finish(document);
      exit.set(document.exitCode);
    },

    async checkCapturePath(path) {
      const { checkCapturePath } = await import('./write-capture.ts');
      await checkCapturePath(resolve(io.cwd, path));
    },

    async writeCapture(path, capture) {
      const { writeCapture } = await import('./write-capture.ts');
      return writeCapture(resolve(io.cwd, path), capture);
    },

    async showReport(flags, opening, work) {
      if (flags.config !== undefined && (await showFleet(flags, flags.config, opening, work))) return;
      const [{ openSession }, { reportPresenter }] = await Promise.all([
        import('./open-session.ts'),
        import('./show-report.ts'),
      ]);
      if (flags.report !== undefined) await (await import('../report/report-file.ts')).checkReportPath(flags.report);
      const presenter = await reportPresenter(io, flags, print);
      const opened = await openSession(flags, io, opening, () => () => undefined);
      const session: Session = {
        ...opened,
        emit: (event) => {
          presenter.event(event);
          io.log?.event(event);
        },
      };
      try {
        const document = await work(session, await timesOf(flags, session));
        await presenter.finish(document);
        exit.set(document.exitCode);
      } finally {
        presenter.close();
        session.cloud.close();
        opened.close();
      }
    },

    async showSheet(flags, opening, work, ofMany) {
      const { config } = flags;
      if (ofMany !== undefined && config !== undefined && (await showFleet(flags, config, opening, ofMany))) return;
      const [{ openSession }, { sheetText, writeSheet }] = await Promise.all([
        import('./open-session.ts'),
        import('./show-sheet.ts'),
      ]);
      if (flags.report !== undefined) await (await import('../report/report-file.ts')).checkReportPath(flags.report);
      const opened = await openSession(flags, io, opening, () => () => undefined);
      const session: Session = { ...opened, emit: () => undefined };
      try {
        const shown = await work(session, await timesOf(flags, session));
        print(await sheetText(io, flags, shown));
        await writeSheet(flags, shown);
        exit.set(shown.sheet.exitCode);
      } finally {
        session.cloud.close();
        opened.close();
      }
    },

    async showTemplates(flags, opening, { format, file }, work) {
      const [{ openSession }, { templateText }, { writeTemplates }] = await Promise.all([
        import('./open-session.ts'),
        import('../report/template-text.ts'),
        import('./write-templates.ts'),
      ]);
      const opened = await openSession(flags, io, opening, () => () => undefined);
      const session: Session = { ...opened, emit: () => undefined };
      try {
        const templates = await work(session, await timesOf(flags, session));
        if (file === undefined) {
          for (const { template } of templates) print(templateText(template, format));
          return;
        }
        const written = await writeTemplates(io.cwd, file, templates, format);
        const items = written.map(({ region, path }) => ({ id: path, region }));
        await this.showList(flags, {
          document: { schema: 'nanoops/list@1', items },
          columns: [
            { title: 'Template', text: ({ id }) => id },
            { title: 'Region', text: ({ region }) => String(region) },
          ],
        });
      } finally {
        session.cloud.close();
        opened.close();
      }
    },

    async watchReport(flags, opening, pace, work) {
      if (flags.config !== undefined && (await import('./fleet.ts')).namesMany(flags.config, io.cwd)) {
        throw new NanoopsError('--watch looks at one stack, and --config is a pattern that names many', {
          code: 'FlagWithoutMeaning',
          exitCode: 2,
          nextStep: 'name one file with --config, or leave --watch out for one look at all of them',
        });
      }
      const [{ openSession }, { reportWatch }] = await Promise.all([
        import('./open-session.ts'),
        import('./watch-report.ts'),
      ]);
      if (flags.report !== undefined) await (await import('../report/report-file.ts')).checkReportPath(flags.report);
      const watch = await reportWatch(io, flags, pace, print);
      const opened = await openSession(flags, io, opening, () => () => undefined);
      const session: Session = { ...opened, emit: () => undefined };
      try {
        const end = await work(session, await timesOf(flags, session), watch.watcher(session));
        await watch.finish(end);
        exit.set(end.exitCode);
      } finally {
        watch.close();
        session.cloud.close();
        opened.close();
      }
    },

    async showForecast(flags, opening, work, ofMany) {
      if (flags.config !== undefined && (await showFleet(flags, flags.config, opening, ofMany))) return;
      const [{ openSession }, { showForecast }] = await Promise.all([
        import('./open-session.ts'),
        import('./show-forecast.ts'),
      ]);
      if (flags.report !== undefined) await (await import('../report/report-file.ts')).checkReportPath(flags.report);
      const opened = await openSession(flags, io, opening, () => () => undefined);
      const session: Session = { ...opened, emit: () => undefined };
      try {
        const document = await work(session, await timesOf(flags, session));
        await showForecast(io, flags, document, print);
        exit.set(document.exitCode);
      } finally {
        session.cloud.close();
        opened.close();
      }
    },

    credentialSources: async (flags) => (await import('./credential-sources.ts')).credentialSources(flags, io),

    async withIncidents(flags, opening, work) {
      const { openIncidentDesk } = await import('./incident-desk.ts');
      const desk = await openIncidentDesk(flags, io, opening);
      try {
        return await work(desk);
      } finally {
        desk.close();
      }
    },

    async showIncident(flags, shown) {
      const { showIncident } = await import('./show-incident.ts');
      print(await showIncident(io, flags, shown));
      exit.set(shown.isBrief ? 0 : shown.document.exitCode);
    },

    async showPostmortem(flags, make) {
      const { checkPostmortemPath, showPostmortem, writePostmortem } = await import('./show-postmortem.ts');
      await checkPostmortemPath(flags.report);
      const shown = await make();
      await writePostmortem(flags, shown);
      print(await showPostmortem(flags, shown));
      exit.set(0);
    },

    async publishStatusPage(flags, place, make) {
      refuseReport(flags);
      const { publishStatusPage } = await import('./show-postmortem.ts');
      const made = await make();
      const { files, wouldWrite } = await publishStatusPage(io, flags, place, made);
      const { document } = made;
      await this.show(flags, {
        document,
        human: () =>
          [
            `${document.title}: ${document.summary}`,
            ...files.map((file) => `written: ${file}`),
            ...wouldWrite.map((name) => `would write: ${name}`),
          ].join('\n'),
      });
    },

    async askForIncident(flags, choices) {
      if (!canAsk(flags, io)) return undefined;
      const { askForIncident } = await import('./show-incident.ts');
      return askForIncident(io, flags, choices);
    },

    async withStores(flags, work) {
      const { openStores } = await import('./stores.ts');
      const stores = await openStores(flags, io);
      try {
        return await work(stores);
      } finally {
        stores.close();
      }
    },

    async withNotifyDesk(flags, work) {
      const { openNotifyDesk } = await import('./notify-desk.ts');
      return work(await openNotifyDesk(flags, io));
    },

    async showHistory(flags, { document, history, events }) {
      switch (outputOf(flags)) {
        case 'json':
          print(jsonText(document, 2));
          break;
        case 'ndjson':
          for (const event of events) print(jsonText(eventDocument(event)));
          break;
        case 'junit': {
          const { runJunit } = await import('../report/run-junit.ts');
          print(runJunit(document));
          break;
        }
        case 'markdown': {
          const { runMarkdown } = await import('../report/run-markdown.ts');
          print(runMarkdown(document));
          break;
        }
        case 'human': {
          const { journalView } = await import('../terminal/journal-view.ts');
          print(journalView(history, events, { columns: columnsOf(io), color: colorLevel(flags, io, io.stdout) > 0 }));
        }
      }
      await reportOn(flags, document);
    },

    async showSurvival(flags, { changes, namedReads = [], seed, work }) {
      refuseReport(flags);
      const [{ createTheatre }, { openAws }, { sha256 }] = await Promise.all([
        import('./theatre.ts'),
        import('../aws/open-aws.ts'),
        import('./identity.ts'),
      ]);
      const theatre = createTheatre({ openAws, changes, namedReads, seed, signal: io.signal });
      const isTold = outputOf(flags) === 'human' && flags.quiet !== true;
      const document = await work(theatre, sha256, ({ scenario, fault, moments, survived }) => {
        if (isTold) io.stderr.write(`${scenario}: ${fault}: ${survived} of ${moments} survived\n`);
      });
      switch (outputOf(flags)) {
        case 'json':
        case 'ndjson':
          print(jsonText(document, outputOf(flags) === 'json' ? 2 : undefined));
          break;
        case 'junit':
          throw noTestCases();
        case 'markdown': {
          const { survivalMarkdown } = await import('../report/crash-table.ts');
          print(survivalMarkdown(document));
          break;
        }
        case 'human': {
          const { crashTable } = await import('../terminal/crash-table.ts');
          print(
            await crashTable(document, {
              columns: columnsOf(io),
              color: colorLevel(flags, io, io.stdout) > 0,
              verbose: flags.verbose === true,
            }),
          );
        }
      }
      exit.set(exitCodes[document.verdict]);
    },

    async createTable(flags) {
      const [{ loadConfig }, { openTeamState }, { systemClock }] = await Promise.all([
        import('../config/load.ts'),
        import('./stores.ts'),
        import('./system-clock.ts'),
      ]);
      const { config, origin } = await loadConfig({
        file: flags.config,
        environment: flags.environment,
        cwd: io.cwd,
      });
      const state = await openTeamState(config, flags, { clock: systemClock, random: Math.random, env: io.env });
      if (state === undefined) {
        throw new NanoopsError(`${origin} keeps state on this machine: there is no table to create`, {
          code: 'NoTable',
          exitCode: 2,
          nextStep:
            'name one in nanoops.yaml, best in the region that survives: state: { dynamodb: { table: nanoops, region: us-east-1 } }',
        });
      }
      try {
        return { name: state.name, outcome: await state.init() };
      } finally {
        state.close();
      }
    },

    digest: () => import('./identity.ts'),

    async confirm(flags, question, facts) {
      const [{ personAt }, { userName }, { systemClock }] = await Promise.all([
        import('./person.ts'),
        import('./identity.ts'),
        import('./system-clock.ts'),
      ]);
      if (!canAsk(flags, io)) return false;
      const person = await personAt(flags, io, userName(io), systemClock, () => () => undefined)();
      const asked = {
        kind: 'approve',
        runId: '',
        stepId: '',
        title: '',
        question,
        facts,
        changes: [],
        hash: '',
        resume: '',
      } as const;
      return (await person.ask(asked, io.signal)).kind === 'given';
    },

    async showInit(flags) {
      const { showInit } = await import('./show-init.ts');
      exit.set(await showInit(io, flags, print));
    },

    async showList(flags, { document, columns, whenEmpty, exitCode = 0 }: ListView) {
      refuseReport(flags);
      switch (outputOf(flags)) {
        case 'json':
          print(jsonText(document, 2));
          break;
        case 'ndjson':
          for (const item of document.items) print(jsonText(item));
          break;
        case 'junit':
          throw noTestCases();
        case 'markdown': {
          const { listMarkdown } = await import('../report/list-markdown.ts');
          print(listMarkdown(document, columns));
          break;
        }
        case 'human': {
          const { listTable } = await import('../terminal/table.ts');
          print(
            await listTable(document, columns, {
              columns: columnsOf(io),
              color: colorLevel(flags, io, io.stdout) > 0,
              ...(whenEmpty === undefined ? {} : { whenEmpty }),
            }),
          );
        }
      }
      exit.set(exitCode);
    },

    async show(flags, shown) {
      refuseReport(flags);
      switch (outputOf(flags)) {
        case 'json':
          print(jsonText(shown.document, 2));
          break;
        case 'ndjson':
          print(jsonText(shown.document));
          break;
        case 'junit':
          throw noTestCases();
        case 'markdown':
          print(shown.language === undefined ? shown.human() : await sourceBlock(shown.human(), shown.language));
          break;
        case 'human':
          print(shown.human());
      }
      exit.set(shown.exitCode ?? 0);
    },

    async showDrillSchedule(flags, { document, ics, nowMs }) {
      refuseReport(flags);
      const { showDrillSchedule } = await import('./show-drills.ts');
      await showDrillSchedule(io, flags, document, { ics, nowMs }, print);
    },

    async showDrillHistory(flags, { document, exitCode, withCoverage }) {
      refuseReport(flags);
      const { showDrillHistory } = await import('./show-drills.ts');
      await showDrillHistory(io, flags, document, withCoverage, print);
      exit.set(exitCode);
    },

    async showExport(flags, { document, steps }, options) {
      if (options === undefined) {
        await this.showGraph(flags, document, 'mermaid');
        return;
      }
      refuseReport(flags);
      const output = outputOf(flags);
      if (output === 'junit') throw noTestCases();
      const [{ stateMachine }, { fleetingMachine }] = await Promise.all([
        import('../report/state-machine.ts'),
        import('./fleeting-state.ts'),
      ]);
      const fleeting = await fleetingMachine(flags, io);
      if (fleeting !== undefined) this.warn(fleeting);
      const machine = stateMachine({ id: document.id, title: document.title, steps }, options);
      const text = jsonText(machine, output === 'ndjson' ? undefined : 2);
      print(output === 'markdown' ? await sourceBlock(text, 'json') : text);
    },

    async own(flags) {
      const { openOwnFiles } = await import('./own/open-own-files.ts');
      return openOwnFiles(flags, io);
    },

    warn(text, details = []) {
      if (io.log === undefined) aside('warning', text, io, details);
      else io.log.warn([text, ...details].join('\n'));
    },

    write: (text) => void io.stdout.write(text),

    async keptIds(kind) {
      const { keptIds } = await import('./kept-ids.ts');
      return keptIds(io, kind);
    },

    async keptSteps(runId) {
      const { keptSteps } = await import('./kept-ids.ts');
      return keptSteps(io, runId);
    },

    async helpPage(topic) {
      const { helpPage } = await import('../terminal/help-pages.ts');
      return helpPage(topic, columnsOf(io));
    },

    async showPolicy(flags, report, format) {
      refuseReport(flags);
      const { showPolicy } = await import('./show-policy.ts');
      await showPolicy(io, flags, report, format, print);
      exit.set(0);
    },

    async showGraph(flags, runbook, format) {
      refuseReport(flags);
      const mermaid = async (): Promise<string> => (await import('../report/mermaid.ts')).mermaid(runbook);
      const output = outputOf(flags);
      if (output === 'json' || output === 'ndjson') {
        print(jsonText(runbook, output === 'json' ? 2 : undefined));
      } else if (output === 'junit') {
        throw noTestCases();
      } else if (output === 'markdown') {
        print(await sourceBlock(await mermaid(), 'mermaid'));
      } else if (format === 'mermaid') {
        print(await mermaid());
      } else {
        const { graphView } = await import('../terminal/graph-view.ts');
        print(graphView(runbook, { columns: columnsOf(io), color: colorLevel(flags, io, io.stdout) > 0 }));
      }
    },
  };
}

async function sourceBlock(source: string, language: string): Promise<string> {
  const markdown = await import('../report/markdown.ts');
  return markdown.sourceBlock(source, language);
}

/** What cannot be an answer is refused before anything is contacted, and where nothing will be asked, too. */
async function checkAnswers(flags: StackFlags): Promise<void> {
  if (flags.approve === undefined && flags.acceptLoss === undefined) return;
  const [{ answersOf }, { parseDuration }] = await Promise.all([
    import('./answers.ts'),
    import('../config/durations.ts'),
  ]);
  answersOf(flags, parseDuration);
}

async function reportOn({ report }: StackFlags, document: RunDocument): Promise<void> {
  if (report === undefined) return;
  const { writeReport } = await import('../report/report-file.ts');
  await writeReport(report, document, {
    markdown: async () => (await import('../report/run-markdown.ts')).runMarkdown(document),
    html: async () => (await import('../report/html/run-html.ts')).runHtml(document),
    junit: async () => (await import('../report/run-junit.ts')).runJunit(document),
  });
}

/** A report that was asked for and not written would be missed later. */
function refuseReport(flags: StackFlags): void {
  if (flags.report === undefined) return;
  throw new NanoopsError('--report: this command has nothing to report', {
    code: 'NoReport',
    exitCode: 2,
    nextStep: 'leave --report out, and send the output to a file instead: -o markdown > file.md',
  });
}

/** Events as scripts read them: times as everywhere in documents. */
function eventDocument(event: RunEvent): object {
  const iso = (at: number): string => new Date(at).toISOString();
  return { ...event, at: iso(event.at), ...('startedAt' in event ? { startedAt: iso(event.startedAt) } : {}) };
}

async function timesOf(flags: StackFlags, session: Session): Promise<Times> {
  if (flags.since === undefined && flags.until === undefined && flags.timeout === undefined) return {};
  const { parseDuration, parseInstantOrDuration } = await import('../config/durations.ts');
  const nowMs = session.clock.now();
  const timeoutMs = flags.timeout === undefined ? undefined : parseDuration(flags.timeout, '--timeout');
  if (timeoutMs === 0) {
    throw new NanoopsError('--timeout 0s leaves no time for anything', {
      code: 'InvalidDuration',
      exitCode: 2,
      nextStep: 'give it longer, for example --timeout 90s, or leave it out',
    });
  }
  return {
    ...(flags.since === undefined ? {} : { since: parseInstantOrDuration(flags.since, nowMs, '--since') }),
    ...(flags.until === undefined ? {} : { until: parseInstantOrDuration(flags.until, nowMs, '--until') }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}
