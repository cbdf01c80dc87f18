/**
 * The documents that nanoops prints for machines, as schemas: what scripts may rely on. Keys may be added to a document,
 * so unknown ones are let through; a key that is here keeps its name and its meaning. Times are ISO 8601 in UTC,
 * durations in milliseconds unless the name says otherwise, and null stands for what was not measured.
 */
import * as z from 'zod';
import type { StepKind, StepStatus, Verdict } from '../engine/events.ts';

const time = z.iso.datetime().describe('A time in UTC, ISO 8601.');
const count = z.int().nonnegative();
const ms = z.number().nonnegative().nullable().describe('Milliseconds; null: not measured.');
const yesNo = z.boolean().nullable().describe('Null: not measured.');

/** The exit code that goes with each verdict, in every output format. */
const exitCodes = {
  ok: 0,
  attention: 1,
  unknown: 3,
  'awaiting-approval': 4,
  failed: 5,
  locked: 6,
  interrupted: 130,
} as const;

const anyExitCode = z.literal([0, 1, 2, 3, 4, 5, 6, 130]);

function agrees({ verdict, exitCode }: { verdict: keyof typeof exitCodes; exitCode: number }): boolean {
  return exitCodes[verdict] === exitCode;
}

const api = z
  .object({
    calls: count,
    mutations: count.describe('Calls that change something.'),
    byOperation: z.record(z.string().regex(/^[a-z0-9-]+:[A-Za-z0-9]+$/), count).describe('By service:Operation.'),
  })
  .describe('What was asked of AWS.');
export { api as apiUsage };

const runApi = api
  .extend({ calls: count.nullable(), mutations: count.nullable().describe('Calls that change something.') })
  .describe(
    'What was asked of AWS by the process that tells. Null in a run that is told from its journal, which does not hold it.',
  );

const evidence = z.object({
  source: z.string().describe('The operation that it was read with: cloudwatch:GetMetricData.'),
  region: z.string(),
  detail: z.string(),
});

export const errorDocument = z.object({
  schema: z.literal('nanoops/error@1'),
  exitCode: z.literal([2, 3, 4, 5, 6, 130]),
  error: z.object({
    code: z
      .string()
      .regex(/^[A-Z][A-Za-z0-9]+$/)
      .describe('PascalCase, stable.'),
    message: z.string().min(1),
    details: z.array(z.string()).describe('One line a fault, where there are several.'),
    nextStep: z.string().min(1).describe('What to do or type next.'),
  }),
});

const stepKind = z.enum(['observe', 'decide', 'approve', 'act', 'wait', 'verify', 'notify', 'manual']);

/** What one check came to. */
const checkResult = z.object({
  id: z.string().min(1),
  title: z.string().min(1),
  area: z.string().min(1),
  severity: z.enum(['critical', 'warning', 'info']),
  status: z.enum(['ok', 'warning', 'breach', 'unknown', 'not-configured']),
  observed: z
    .object({
      value: z.number().nullable(),
      unit: z.string(),
      window: z.string().nullish().describe('The window looked at: 5m.'),
      at: time.nullish(),
      recent: z.array(z.number()).optional().describe('What it was, oldest first: for a curve.'),
    })
    .nullish(),
  target: z.string().nullish(),
  alert: z.string().nullish(),
  summary: z.string().describe('One line.'),
  nextStep: z.string().nullish(),
  evidence: z.array(evidence),
});

const burnWindow = z.object({
  window: z.string(),
  rate: z
    .number()
    .nullable()
    .describe('1 spends the budget in just the objective\u2019s window; null: nothing was reported.'),
  bad: z.number().nonnegative(),
  total: z.number().nonnegative(),
  coverage: z.number().min(0).max(1).describe('The share of the window in which anything was reported.'),
});

/** Objectives and their error budgets. */
const slo = z
  .object({
    window: z.string(),
    from: time,
    to: time,
    objectives: z.array(
      z.object({
        id: z.string().describe('That of its check.'),
        title: z.string(),
        target: z.string(),
        counts: z.enum(['requests', 'periods']).describe('What is good or bad: requests, or periods of five minutes.'),
        attained: z.number().nullable().describe('Per cent, as the target is written; null: not measured.'),
        met: yesNo,
        bad: z.number().nonnegative().nullable(),
        total: z.number().nonnegative().nullable(),
        coverage: z.number().min(0).max(1).nullable(),
        budget: z
          .object({
            minutes: z.number().nonnegative().describe('What an outage in which everything fails may last.'),
            leftMinutes: z.number().describe('Below zero: more was spent than there was.'),
            leftPercent: z.number(),
          })
          .nullable(),
        burn: z.array(
          z.object({
            id: z.string().describe('That of its check.'),
            threshold: z.number(),
            action: z.enum(['page', 'ticket']),
            state: z.enum(['calm', 'few', 'breach', 'unknown']).describe('`few`: too fast, of too few events.'),
            long: burnWindow,
            short: burnWindow,
          }),
        ),
        forecast: z
          .object({
            basis: z.string().describe('The burn window that is taken for the present.'),
            rate: z.number().nullable(),
            spent: z.boolean(),
            endsAt: time.nullable().describe('Null: spent already, or not within the objective\u2019s window.'),
            returnsAt: time.nullable().describe('When a spent budget is there again; null: not within the window.'),
          })
          .nullable(),
      }),
    ),
  })
  .describe('Objectives, their error budgets and how fast those burn.');

export const reportDocument = z
  .object({
    schema: z.literal('nanoops/report@1'),
    command: z.string().min(1).describe('The command that made it: checklist weekly.'),
    environment: z.string(),
    generatedAt: time,
    until: time.optional().describe('The end of every window that was looked at: the age of the data.'),
    verdict: z.enum(['ok', 'attention', 'unknown']),
    exitCode: z.literal([0, 1, 3]),
    summary: z.string().optional().describe('The answer in one line, where the command asks a question.'),
    checks: z.array(checkResult),
    slo: slo.optional(),
    api,
  })
  .refine(agrees, { error: 'the exit code must be that of the verdict', path: ['exitCode'] });

export const fleetDocument = z.object({
  schema: z.literal('nanoops/fleet@1'),
  command: z.string(),
  verdict: z.enum(['ok', 'attention', 'unknown', 'failed']).describe('failed: a service could not be looked at.'),
  exitCode: anyExitCode.describe('The gravest of the services\u2019: 2, 6, 130, 5, 4, 1, 3, 0, the first wins.'),
  services: z.array(
    z.object({
      id: z.string().min(1).describe('The configuration file.'),
      service: z.string().optional(),
      environment: z.string().optional(),
      verdict: z.enum(['ok', 'attention', 'unknown', 'failed']),
      exitCode: anyExitCode,
      summary: z.string().optional(),
      checks: z.array(checkResult).optional().describe('As in a report. Absent where it failed.'),
      error: errorDocument.shape.error.optional().describe('As in an error document. Present where it failed.'),
      api: api.optional(),
    }),
  ),
  api: api.describe('Of all together: calls are shared.'),
});

const step = z.object({
  id: z.string().min(1),
  title: z.string().min(1),
  kind: stepKind,
  status: z.enum(['succeeded', 'failed', 'skipped', 'blocked', 'suspended', 'rolled-back', 'planned', 'unknown']),
  startedAt: time.nullable().describe('Null: never started.'),
  durationMs: z.number().nonnegative(),
  attempts: count,
  predictedMs: ms.optional(),
  predictedP95Ms: ms.optional().describe('What 95 of 100 stay below. Absent where too few runs are known.'),
  predictedFrom: z
    .enum(['runs', 'simulated-runs', 'model'])
    .optional()
    .describe('What the prediction rests on: past runs, past runs on the simulated AWS, or the model of a dry run.'),
  predictedRuns: count.optional().describe('How many past runs that are.'),
  detail: z.string().describe('One line.'),
  nextStep: z.string().optional().describe('What to do or type next. Absent where the step ended well.'),
  basis: z
    .enum(['observed', 'assumed', 'unknown'])
    .optional()
    .describe('In a dry run: seen, worked out from what would have been done, or not known.'),
});

const symptom = z.object({
  state: z.enum(['ongoing', 'over', 'none', 'unknown']),
  onset: time.nullable(),
  endedAt: time.nullable(),
  summary: z.string(),
});

const cause = z.object({
  rank: z.int().min(1),
  component: z.string().min(1),
  cause: z.string().min(1),
  confidence: z.number().min(0).max(1),
  summary: z.string().min(1),
  for: z.array(evidence),
  against: z.array(evidence),
  missing: z.array(evidence),
  remediation: z
    .object({
      stepId: z.string(),
      summary: z.string(),
      command: z.string().optional().describe('A command line that would act. Absent where there is nothing to type.'),
    })
    .optional(),
});

const objectives = z.object({
  rto: z.object({
    targetMs: z.number().nonnegative(),
    measuredMs: ms,
    met: yesNo,
    predictedMs: ms,
    wouldMeet: yesNo,
    predictedP95Ms: ms.optional().describe('What 95 of 100 past moves stayed below.'),
    predictedFrom: z
      .enum(['runs', 'simulated-runs', 'model', 'plan'])
      .optional()
      .describe('What it rests on: as of a step, or the plan of minutes where too few moves are known.'),
    predictedRuns: count.optional(),
    phases: z.object({ detect: ms, decide: ms, execute: ms, verify: ms, clients: ms }),
  }),
  rpo: z.object({
    targetMs: z.number().nonnegative(),
    measuredMs: ms,
    met: yesNo,
    predictedMs: ms,
    wouldMeet: yesNo,
    stores: z.array(z.object({ store: z.string(), lossMs: ms, basis: z.string() })),
  }),
});

/** What moving a stack to another region came to. */
const recovery = z.object({
  kind: z.enum(['failover', 'failback', 'drill']),
  mode: z
    .enum(['switchover', 'failover', 'promotion', 'detach', 'none'])
    .describe('What was to be done to the database. `none`: nothing could be, or nothing had to be.'),
  from: z.string().describe('The region that was left.'),
  to: z.string().describe('The region that took over.'),
  isSimulated: z.boolean().describe('True on the simulated AWS.'),
  outageAt: time.nullable().describe('Where RTO begins.'),
  outageBasis: z.enum(['declared', 'given', 'probe', 'unknown']).describe('What says so.'),
  decideBy: time.nullable().describe('The latest yes that met RTO by the predicted 95th percentile.'),
  splitBrain: z.enum(['excluded', 'possible']).describe('`possible`: the old writer could not be fenced.'),
  budget: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      plannedMs: z.number().nonnegative(),
      measuredMs: ms,
      predictedMs: ms,
    }),
  ),
  consistency: z.array(z.object({ program: z.string(), ok: yesNo, detail: z.string() })),
  blockers: z.array(z.string()).describe('What kept it from being possible, a line each.'),
  lessons: z.array(z.string()).describe('What this run shows that a reader should act on, a line each.'),
});

const values = z.record(z.string(), z.unknown());

const mutation = z.object({
  stepId: z.string(),
  operation: z.string().describe('service:Operation.'),
  region: z.string(),
  resource: z.string(),
  status: z.enum(['planned', 'applied', 'reverted', 'failed', 'unknown']),
  summary: z.string().optional().describe('One line.'),
  before: values.optional().describe('What it was, by the names that the operator knows.'),
  after: values.optional().describe('What it is, or would be, once the change is made.'),
  restores: z
    .string()
    .optional()
    .describe('The step whose change this one brought back to what it was; that one is `reverted` then.'),
});

export const runDocument = z
  .object({
    schema: z.literal('nanoops/run@1'),
    runId: z.string().min(1),
    runbook: z.string().min(1),
    mode: z.enum(['observe', 'dry-run', 'execute']),
    environment: z.string(),
    verdict: z.enum(['ok', 'attention', 'unknown', 'awaiting-approval', 'failed', 'locked', 'interrupted']),
    exitCode: anyExitCode,
    startedAt: time,
    endedAt: time.nullable().describe('Null: the run has not ended.'),
    durationMs: z.number().nonnegative(),
    steps: z.array(step),
    symptom: symptom.optional().describe('What a diagnosis set out from. Absent where a runbook diagnoses nothing.'),
    causes: z.array(cause).describe('Ranked. Empty where nothing was found, or a runbook names no causes.'),
    escalation: z.object({ due: z.boolean(), summary: z.string() }).optional(),
    aborted: z.boolean().optional().describe('True where somebody had what it changed put back.'),
    outcome: z
      .object({ helped: z.boolean().describe('It was seen that it did.'), summary: z.string() })
      .optional()
      .describe('What came of acting. Absent where nothing was done.'),
    notes: z.array(z.string()).optional().describe('What could not be looked at, and what else a reader must know.'),
    nextSteps: z.array(z.string()).optional().describe('What to do or type to know more, each once.'),
    objectives: objectives.optional().describe('Absent where a runbook has none.'),
    recovery: recovery.optional().describe('Absent where a runbook moves nothing to another region.'),
    failback: z
      .object({ objectives, recovery })
      .optional()
      .describe('The way back, of a drill. Absent where it was not begun.'),
    mutations: z.array(mutation),
    suspended: z
      .object({ reason: z.string().min(1), nextSteps: z.array(z.string()).describe('Commands, each complete.') })
      .optional()
      .describe('Why the run waits, and what goes on with it. Absent where it has ended.'),
    resumptions: count.optional().describe('How often the run was taken up again.'),
    api: runApi,
  })
  .refine(agrees, { error: 'the exit code must be that of the verdict', path: ['exitCode'] });

/** One step of a run that is carried out step by step, while the run goes on; of one that came to its end or waits there is a run. */
export const runStepDocument = z.object({
  schema: z.literal('nanoops/run-step@1'),
  runId: z.string().min(1),
  runbook: z.string().min(1),
  environment: z.string(),
  exitCode: z.literal(0).describe('The run goes on. What the step could not tell counts in what the run comes to.'),
  step: step.nullable().describe('Null: the run was begun, and nothing of it carried out.'),
  repeated: z.boolean().describe('True where it was so before, and nothing was done.'),
  left: z.array(z.string()).describe('The steps that have not ended, in an order in which they can be carried out.'),
  nextSteps: z.array(z.string()).describe('Commands, each complete.'),
  api,
});

const status = z.enum(['ok', 'warning', 'breach', 'unknown', 'not-configured']);
const day = z.iso.date().describe('A day of UTC.');
const history = z.array(z.object({ day, value: z.number() })).describe('A value a day, the oldest first.');
const range = { central: z.number(), low: z.number(), high: z.number() };

/** When something is reached. */
const crossing = {
  outlook: z
    .enum(['reached', 'approaching', 'beyond', 'steady', 'shrinking'])
    .nullable()
    .describe('`beyond`: not within two years at this growth. Null: cannot be told.'),
  at: time.nullable().describe('Where the trend reaches it; only of what is approaching.'),
  earliest: time.nullable().describe('Nine times of ten not before. Null: not within two years, or not told.'),
  latest: time.nullable().describe('Nine times of ten no later. Null: not within two years, if ever, or not told.'),
};

const trend = z
  .object({
    growth: z.enum(['linear', 'exponential']),
    days: count.describe('How many days it rests on.'),
    perWeek: z.object(range).describe('What a week adds at present, in the unit of the value.'),
  })
  .nullable()
  .describe('Null: too few days to tell.');

/** When the plan\u2019s tiers and the resources run short. */
export const forecastDocument = z
  .object({
    schema: z.literal('nanoops/forecast@1'),
    command: z.string().min(1),
    environment: z.string(),
    generatedAt: time,
    asOf: time.describe('The end of what was looked at: the present of the forecast.'),
    verdict: z.enum(['ok', 'attention', 'unknown']),
    exitCode: z.literal([0, 1, 3]),
    summary: z.string().min(1).describe('The answer in one line.'),
    horizonDays: z.number().min(1).describe('What is reached within so many days needs attention.'),
    thresholdPercent: z.number().describe('The share of a resource that may be used sustainably.'),
    users: z.object({
      status,
      summary: z.string().describe('One line.'),
      nextStep: z.string().optional(),
      current: z.number().nullable().describe('Daily active users, the newest value.'),
      at: time.nullable(),
      within: count.nullable().describe('The tier that carries them, by its users. Null: none does, or not known.'),
      trend,
      history,
      projection: z.array(z.object({ day, ...range })).describe('Up to the horizon; between what single days may lie.'),
      tiers: z.array(
        z.object({ users: count, infrastructure: z.string(), ...crossing, summary: z.string().describe('One line.') }),
      ),
      evidence: z.array(evidence),
    }),
    resources: z.array(
      z.object({
        id: z.string().min(1),
        title: z.string().min(1),
        status,
        summary: z.string().describe('One line.'),
        nextStep: z.string().optional(),
        level: z
          .number()
          .nullable()
          .describe('Per cent: the middle of the last week\u2019s days, each by its high hours.'),
        hoursAbove: z
          .number()
          .min(0)
          .max(1)
          .nullable()
          .describe('The share of the last week\u2019s hours at the threshold or above.'),
        trend,
        ...crossing,
        history,
        evidence: z.array(evidence),
      }),
    ),
    api,
  })
  .refine(agrees, { error: 'the exit code must be that of the verdict', path: ['exitCode'] });

/** What became of a runbook whose run was cut off at every moment and taken up again. */
export const survivalDocument = z.object({
  schema: z.literal('nanoops/survival@1'),
  runbook: z.string().min(1),
  rows: z.array(
    z.object({
      scenario: z.string().min(1),
      fault: z.string().min(1).describe('What happened to the run: the process was killed, an answer was lost, …'),
      moments: count.describe('At how many moments it was tried.'),
      survived: count.describe('After how many of them the run ended as it should, and the stack was as it should be.'),
      failures: z.array(z.object({ moment: z.string(), reason: z.string().describe('One line.') })),
    }),
  ),
  moments: count,
  survived: count,
  verdict: z.enum(['ok', 'attention', 'unknown', 'failed', 'interrupted']),
});

/** What checking a journal's chain of hashes shows. */
export const journalDocument = z.object({
  schema: z.literal('nanoops/journal@1'),
  runId: z.string().min(1),
  store: z.string().describe('Where the journal is kept.'),
  records: count,
  torn: z.boolean().describe('The last line was cut off in the writing; nothing was done on its strength.'),
  faults: z.array(z.string()).describe('What is wrong with it, one line a fault.'),
  verdict: z.enum(['ok', 'attention']),
  exitCode: z.literal([0, 1]),
  head: z.string().nullable().describe('The newest hash; null without a record.'),
});

/** A lease that was taken away. */
export const takeoverDocument = z.object({
  schema: z.literal('nanoops/takeover@1'),
  resource: z.string().min(1),
  from: z.object({ runId: z.string(), who: z.string(), since: time, step: z.string().nullable() }),
  store: z.string(),
});

/** A team's table. */
export const stateDocument = z.object({
  schema: z.literal('nanoops/state@1'),
  store: z.string(),
  outcome: z.enum(['created', 'already-there']),
});

/** The graph of a runbook's steps. */
export const runbookGraphDocument = z.object({
  schema: z.literal('nanoops/runbook-graph@1'),
  id: z.string().min(1),
  title: z.string().min(1),
  summary: z.string(),
  steps: z.array(
    z.object({
      id: z.string().min(1),
      title: z.string().min(1),
      kind: stepKind,
      needs: z.array(z.string()).describe('The ids of the steps that it needs.'),
    }),
  ),
});

/** A configuration in which nothing is wrong. */
export const validDocument = z.object({
  schema: z.literal('nanoops/valid@1'),
  file: z.string(),
  environments: z.array(z.string()).describe('Those that were checked.'),
});

/** The simulated AWS as an endpoint. */
export const sandboxDocument = z.object({
  schema: z.literal('nanoops/sandbox@1'),
  scenario: z.string(),
  seed: z.int(),
  speed: z.number().positive().describe('How many times faster than the wall\u2019s its clock runs.'),
  url: z.url(),
  regions: z.array(z.string()),
});

/** What a shell completes nanoops by. */
export const completionDocument = z.object({
  schema: z.literal('nanoops/completion@1'),
  shell: z.enum(['bash', 'zsh', 'fish']),
  script: z.string(),
});

/** A page of help, or the help of a command. */
export const helpDocument = z.object({
  schema: z.literal('nanoops/help@1'),
  topic: z.string().describe('The topic, or the words of the command.'),
  text: z.string(),
});

const span = z.object({
  from: time,
  to: time,
  lines: count,
  searched: z.number().min(0).max(1).describe('How much of it was searched, as a share.'),
});

/** The error lines of a log, as patterns. */
export const logPatternsDocument = z
  .object({
    schema: z.literal('nanoops/log-patterns@1'),
    command: z.string().min(1),
    environment: z.string(),
    region: z.string(),
    logGroup: z.string(),
    generatedAt: time,
    verdict: z.enum(['ok', 'attention', 'unknown']),
    exitCode: z.literal([0, 1, 3]),
    summary: z.string(),
    window: span,
    before: span.describe('As long a time before, which it is compared with.'),
    patterns: z.array(
      z.object({
        id: z.string().describe('Of the template: the same text has the same id.'),
        template: z.string().describe('<*> and the like stand for what differs.'),
        level: z.enum(['error', 'critical']),
        count,
        share: z.number().min(0).max(1),
        before: count,
        change: z.enum(['new', 'louder', 'steady', 'quieter']).nullable().describe('Null: nothing to compare with.'),
        anomaly: z.boolean().describe('True where it calls for somebody to look.'),
        firstSeen: time,
        lastSeen: time,
        example: z.string().describe('The newest, without secrets.'),
        streams: z.array(z.object({ name: z.string(), count })).describe('The loudest.'),
        streamCount: count,
      }),
    ),
    unclustered: count.describe('Lines that found no place among the patterns.'),
    notes: z.array(z.string()),
    nextSteps: z.array(z.string()),
    api,
  })
  .refine(agrees, { error: 'the exit code must be that of the verdict', path: ['exitCode'] });

/** The slow query log, by statement. */
export const slowQueriesDocument = z
  .object({
    schema: z.literal('nanoops/slow-queries@1'),
    command: z.string().min(1),
    environment: z.string(),
    region: z.string(),
    logGroup: z.string(),
    generatedAt: time,
    verdict: z.enum(['ok', 'attention', 'unknown']),
    exitCode: z.literal([0, 1, 3]),
    summary: z.string(),
    window: span,
    before: span.describe('As long a time before, which it is compared with.'),
    logging: z.object({
      exported: z.boolean().nullable().describe('Whether the log is exported to CloudWatch. Null: could not be read.'),
      slowQueryLog: z.boolean().nullable().describe('Whether the database writes one.'),
      toFile: z.boolean().nullable().describe('Whether it writes it to a file, which is what is exported.'),
      longQuerySeconds: z.number().nullable().describe('From which duration on a statement is logged.'),
    }),
    statements: z.array(
      z.object({
        id: z.string(),
        statement: z.string().describe('With its literals replaced by ?.'),
        count,
        before: count,
        change: z.enum(['new', 'louder', 'steady', 'quieter']).nullable().describe('Null: nothing to compare with.'),
        anomaly: z.boolean(),
        totalSeconds: z.number(),
        meanSeconds: z.number(),
        p95Seconds: z.number(),
        maxSeconds: z.number(),
        lockSeconds: z.number(),
        rowsSent: count,
        rowsExamined: count,
        rowsExaminedPerRowSent: z.number().nullable().describe('Null: nothing was sent.'),
        firstSeen: time,
        lastSeen: time,
        users: z.array(z.string()),
        example: z.string().describe('The slowest, without its texts.'),
      }),
    ),
    notes: z.array(z.string()),
    nextSteps: z.array(z.string()),
    api,
  })
  .refine(agrees, { error: 'the exit code must be that of the verdict', path: ['exitCode'] });

const outcome = z
  .enum(['ok', 'error', 'throttle', 'fault', 'open'])
  .describe('`error`: 4xx, the caller’s; `throttle`: 429; `fault`: 5xx, its own; `open`: it has not ended.');

const tracedComponent = z.object({
  kind: z.enum(['service', 'database', 'cache', 'storage', 'aws', 'dependency']),
  name: z.string(),
});

const looked = z.object({ from: time, to: time });

const request = {
  method: z.string().nullable(),
  url: z.string().nullable().describe('Without the values of its query.'),
  status: z.int().nullable(),
};

const aboutTraces = {
  command: z.string().min(1),
  environment: z.string(),
  region: z.string(),
  generatedAt: time,
  verdict: z.enum(['ok', 'attention', 'unknown']),
  exitCode: z.literal([0, 1, 3]),
  summary: z.string(),
  notes: z.array(z.string()).describe('What is missing, and what had to be put right.'),
  nextSteps: z.array(z.string()),
  api,
};

const monitoringRef = z.object({
  kind: z.enum(['topic', 'subscription', 'event-rule', 'event-target', 'alarm', 'composite-alarm', 'dashboard']),
  region: z.string(),
  name: z.string(),
});

/** What is to watch a stack, against what does. */
export const planDocument = z
  .object({
    schema: z.literal('nanoops/plan@1'),
    command: z.string().min(1),
    environment: z.string(),
    generatedAt: time,
    verdict: z.enum(['ok', 'attention', 'unknown']),
    exitCode: z.literal([0, 1, 3]),
    summary: z.string(),
    plan: z
      .string()
      .nullable()
      .describe('The hash by which it is approved: apply --approve approve-plan@<hash>. Null: nothing to change.'),
    prefix: z.string().describe('What every name begins with.'),
    regions: z.array(
      z.object({
        region: z.string(),
        seen: z.boolean().describe('False where nothing is planned, since it could not be looked at.'),
      }),
    ),
    counts: z.object({ create: count, update: count, delete: count, unchanged: count, foreign: count }),
    changes: z
      .array(
        z.object({
          id: z.string(),
          action: z.enum(['create', 'update', 'delete']),
          ...monitoringRef.shape,
          operation: z.string().describe('The call that makes it: cloudwatch:PutMetricAlarm.'),
          gist: z.string().describe('What it is, in few words.'),
          risk: z.enum(['reversible', 'irreversible']),
          attributes: z
            .array(z.object({ name: z.string(), before: z.json(), after: z.json() }))
            .describe('What differs, by the path of the attribute. Null: not there.'),
        }),
      )
      .describe('In the order in which they are made.'),
    conflicts: z.array(monitoringRef).describe('Of a name that is wanted, and somebody else’s: never taken over.'),
    unchanged: z.array(monitoringRef),
    foreign: z.array(monitoringRef).describe('Somebody else’s, and left alone.'),
    pending: z.array(monitoringRef).describe('Not wanted any more; it lapses by itself.'),
    notExpressible: z
      .array(
        z.object({
          id: z.string(),
          title: z.string(),
          region: z.string(),
          reason: z.string(),
          watchedBy: z.string().describe('What watches it instead.'),
        }),
      )
      .describe('Rules that no alarm can express.'),
    notes: z.array(z.string()),
    nextSteps: z.array(z.string()),
    api,
  })
  .refine(agrees, { error: 'the exit code must be that of the verdict', path: ['exitCode'] });

/** Traces of the service. */
export const tracesDocument = z
  .object({
    schema: z.literal('nanoops/traces@1'),
    ...aboutTraces,
    service: z.string(),
    window: looked,
    found: count.describe('How many matched of those that were looked at.'),
    complete: z.boolean().describe('False where there may be others that match.'),
    traces: z.array(
      z.object({
        id: z.string(),
        startedAt: time,
        durationMs: z.number().nonnegative(),
        outcome,
        ...request,
        most: z
          .object({
            component: tracedComponent,
            selfMs: z.number().nonnegative(),
            share: z.number().min(0).max(1).describe('Of the self time of all components.'),
            operation: z.string().nullable(),
          })
          .nullable()
          .describe('Where most self time went. Null: nothing of it has ended.'),
      }),
    ),
  })
  .refine(agrees, { error: 'the exit code must be that of the verdict', path: ['exitCode'] });

/** One trace. */
export const traceDocument = z
  .object({
    schema: z.literal('nanoops/trace@1'),
    ...aboutTraces,
    id: z.string(),
    startedAt: time,
    durationMs: z.number().nonnegative(),
    outcome,
    ...request,
    components: z
      .array(z.object({ ...tracedComponent.shape, selfMs: z.number().nonnegative(), share: z.number().min(0).max(1) }))
      .describe('Whose time it was, the most first.'),
    spans: z
      .array(
        z.object({
          id: z.string(),
          parentId: z.string().nullable().describe('Null: nothing in the trace called it.'),
          depth: count,
          segment: z.boolean().describe('False: a part of a segment.'),
          inferred: z.boolean().describe('Made up by X-Ray, for what traces nothing itself.'),
          name: z.string(),
          component: tracedComponent,
          operation: z.string().nullable().describe('A statement without its values, or an operation of AWS.'),
          ...request,
          startMs: z.number().describe('Since the trace began.'),
          durationMs: ms,
          selfMs: ms.describe('Not covered by what it called.'),
          criticalMs: z.number().nonnegative().describe('Of its own time, what the whole waited for.'),
          outcome,
          exception: z.string().nullable(),
          shiftedMs: z.number().describe('How far it was moved, because its clock said what cannot be.'),
        }),
      )
      .describe('Callers before what they called.'),
    omitted: count.describe('Spans that are not listed.'),
  })
  .refine(agrees, { error: 'the exit code must be that of the verdict', path: ['exitCode'] });

const counts = {
  requests: count.describe('Of those that were sampled.'),
  errors: count.describe('4xx, throttled ones among them.'),
  throttles: count,
  faults: count,
  averageMs: ms,
  p95Ms: ms.describe('As fine as the histogram.'),
  faultRate: z.number().min(0).max(1).nullable(),
};

/** Who calls whom. */
export const traceMapDocument = z
  .object({
    schema: z.literal('nanoops/trace-map@1'),
    ...aboutTraces,
    window: looked,
    components: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        label: z.string().describe('By the name that the configuration has for it.'),
        type: z.string().nullable(),
        state: z.string().nullable(),
        root: z.boolean().describe('Requests enter the system there.'),
        layer: count.describe('How many calls it is away from where requests enter.'),
        ...counts,
      }),
    ),
    calls: z.array(z.object({ from: z.string(), to: z.string(), ...counts }).describe('By the ids of the components.')),
  })
  .refine(agrees, { error: 'the exit code must be that of the verdict', path: ['exitCode'] });

/** A test message to one receiver of notifications. */
export const notifyTestDocument = z
  .object({
    schema: z.literal('nanoops/notify-test@1'),
    command: z.string().min(1),
    service: z.string(),
    environment: z.string(),
    receiver: z.string().describe('As the configuration calls it.'),
    delivered: z.boolean(),
    simulated: z.boolean().describe('True in the sandbox and in a dry run, which send nothing.'),
    detail: z.string().describe('What the receiver answered, in one line.'),
    verdict: z.enum(['ok', 'unknown']),
    exitCode: z.literal([0, 3]),
  })
  .refine(agrees, { error: 'the exit code must be that of the verdict', path: ['exitCode'] });

/** Messages that could not be delivered at once. */
export const notifyFlushDocument = z
  .object({
    schema: z.literal('nanoops/notify-flush@1'),
    command: z.string().min(1),
    service: z.string(),
    environment: z.string(),
    messages: z.array(
      z.object({
        receiver: z.string(),
        key: z.string(),
        title: z.string(),
        keptAt: time,
        outcome: z
          .enum(['delivered', 'kept', 'refused', 'dropped'])
          .describe('`kept`: it still waits; `dropped`: it is too old, or what it tells of is over.'),
        detail: z.string(),
      }),
    ),
    left: count.describe('How many wait still.'),
    verdict: z.enum(['ok', 'unknown']),
    exitCode: z.literal([0, 3]),
  })
  .refine(agrees, { error: 'the exit code must be that of the verdict', path: ['exitCode'] });

/** What an event bus is told. */
export const eventDocument = z.object({
  schema: z.literal('nanoops/event@1'),
  id: z.string().min(1).describe('The same for the same thing, whenever it is sent: drop a second one.'),
  type: z
    .enum(['run', 'drill', 'approval', 'incident', 'message', 'test'])
    .describe('The detail-type is `nanoops` and this. `message`: what a step of a run tells people.'),
  change: z
    .string()
    .min(1)
    .describe(
      'run, drill: started, resumed, suspended, finished; approval: requested, given, declined, lapsed; incident: opened, acknowledged, updated, resolved.',
    ),
  at: time,
  service: z.string(),
  environment: z.string(),
  title: z.string().describe('One line.'),
  text: z.string().optional(),
  severity: z.enum(['critical', 'warning', 'info']).optional(),
  run: z
    .object({
      id: z.string(),
      runbook: z.string(),
      verdict: z.string().optional(),
      durationMs: ms.optional(),
      rtoMs: ms.nullable().optional().describe('Null: not measured.'),
      rpoMs: ms.nullable().optional().describe('Null: not measured.'),
    })
    .optional(),
  approval: z
    .object({
      step: z.string(),
      question: z.string().optional(),
      hash: z.string().describe('What the answer is bound to.'),
      by: z.string().optional(),
      deadlineAt: time.optional(),
    })
    .optional(),
  incident: z
    .object({
      id: z.string(),
      severity: z.enum(['SEV-1', 'SEV-2', 'SEV-3', 'SEV-4']),
      change: z.enum(['opened', 'acknowledged', 'updated', 'resolved']),
      publicText: z.string().optional(),
    })
    .optional(),
});

export const listDocument = z.object({
  schema: z.literal('nanoops/list@1'),
  items: z.array(z.looseObject({ id: z.string().min(1) })),
});

/** Documents are only read once they are made. */
type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

export type ErrorDocument = Frozen<z.output<typeof errorDocument>>;
export type ReportDocument = Frozen<z.output<typeof reportDocument>>;
export type FleetDocument = Frozen<z.output<typeof fleetDocument>>;
export type LogPatternsDocument = Frozen<z.output<typeof logPatternsDocument>>;
export type ForecastDocument = Frozen<z.output<typeof forecastDocument>>;
export type SlowQueriesDocument = Frozen<z.output<typeof slowQueriesDocument>>;
export type PlanDocument = Frozen<z.output<typeof planDocument>>;
export type TracesDocument = Frozen<z.output<typeof tracesDocument>>;
export type TraceDocument = Frozen<z.output<typeof traceDocument>>;
export type TraceMapDocument = Frozen<z.output<typeof traceMapDocument>>;
export type NotifyTestDocument = Frozen<z.output<typeof notifyTestDocument>>;
export type NotifyFlushDocument = Frozen<z.output<typeof notifyFlushDocument>>;
export type ListDocument = Frozen<z.output<typeof listDocument>>;
export type SurvivalDocument = Frozen<z.output<typeof survivalDocument>>;

type WholeRun = Frozen<z.output<typeof runDocument>>;

type EngineStep = Omit<WholeRun['steps'][number], 'kind' | 'status'> & {
  readonly kind: StepKind;
  readonly status: StepStatus;
};

type WholeRunStep = Frozen<z.output<typeof runStepDocument>>;

export interface RunStepDocument extends Omit<WholeRunStep, 'step'> {
  readonly step: EngineStep | null;
}

/** A run that has ended, as the engine can give one: with the verdicts, kinds and statuses that it knows. */
export interface RunDocument extends Omit<WholeRun, 'verdict' | 'exitCode' | 'endedAt' | 'steps'> {
  readonly verdict: Verdict;
  readonly exitCode: number;
  readonly endedAt: string;
  readonly steps: readonly EngineStep[];
}
