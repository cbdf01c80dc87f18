/** The documents of incidents, as schemas; what holds for all documents is said in `schemas.ts`. */
import * as z from 'zod';

const time = z.iso.datetime().describe('A time in UTC, ISO 8601.');
const maybeTime = time.nullable();
const ms = z.number().nullable().describe('Milliseconds; null: not measured, or not yet.');
const count = z.int().nonnegative();

const severity = z.enum(['SEV-1', 'SEV-2', 'SEV-3', 'SEV-4']);

const times = z
  .object({ detectMs: ms, acknowledgeMs: ms, diagnoseMs: ms, mitigateMs: ms, resolveMs: ms })
  .describe('Since T+0; detectMs: from the beginning of the trouble to T+0.');

const entry = z.object({
  at: time,
  offsetMs: z.number().describe('Since T+0; below zero before it.'),
  kind: z.enum(['incident', 'update', 'note', 'run', 'change', 'alarm', 'deployment', 'database']),
  text: z.string(),
  source: z.string().describe('Who, or what, it is known from.'),
  mark: z
    .enum(['began', 'detected', 'acknowledged', 'diagnosed', 'changed', 'mitigated', 'resolved', 'reopened'])
    .nullable(),
});

const cause = z
  .object({
    summary: z.string(),
    confirmed: z.boolean().describe('False: a hypothesis.'),
    basis: z.string().describe('Who said so: a person, or a run.'),
  })
  .nullable()
  .describe('Null: nobody has named one.');

const action = z.object({ text: z.string(), owner: z.string().nullable(), due: z.iso.date().nullable() });

const impact = z.object({
  summary: z.string().nullable().describe('As somebody wrote it.'),
  users: count.nullable().describe('Null: not measured.'),
  usersBasis: z.string().nullable().describe('`stated`, or how it was estimated.'),
  usersShare: z.number().min(0).max(1).nullable().describe('Of the daily active users.'),
  requests: z.number().nonnegative().nullable().describe('While it lasted.'),
  requestsFailed: z.number().nonnegative().nullable().describe('Answered with 5xx. Null: not measured.'),
  failedShare: z.number().min(0).max(1).nullable(),
  dataLost: z.string().nullable().describe('As somebody wrote it.'),
  dataLoss: z
    .array(z.object({ store: z.string(), lossMs: ms, basis: z.string(), runId: z.string() }))
    .describe('Of the newest writes, by the runs that moved the stack. Empty: none did, so it was not measured.'),
});

const run = z.object({
  runId: z.string(),
  runbook: z.string(),
  mode: z.enum(['observe', 'dry-run', 'execute']),
  verdict: z.string(),
  startedAt: time,
  endedAt: time,
  summary: z.string(),
});

const change = z.object({
  at: time,
  runId: z.string(),
  operation: z.string(),
  region: z.string(),
  resource: z.string(),
  status: z.enum(['planned', 'applied', 'reverted', 'failed', 'unknown']),
  summary: z.string(),
});

const about = {
  id: z.string().min(1),
  title: z.string(),
  severity,
  state: z.enum(['open', 'acknowledged', 'mitigated', 'resolved']),
  service: z.string(),
  environment: z.string(),
  simulated: z.boolean().describe('True on the simulated AWS.'),
  beganAt: maybeTime.describe('When the trouble began. Null: not known.'),
  detectedAt: time.describe('T+0.'),
  acknowledgedAt: maybeTime,
  mitigatedAt: maybeTime,
  resolvedAt: maybeTime,
  times,
  cause,
};

export const incidentDocument = z.object({
  schema: z.literal('nanoops/incident@1'),
  ...about,
  asOf: time,
  verdict: z.enum(['ok', 'attention']).describe('attention: something is overdue.'),
  exitCode: z.literal([0, 1]),
  done: z.string().nullable().describe('What the command did. Null: it only shows.'),
  reopened: count,
  roles: z.object({
    commander: z.string().nullable(),
    communications: z.string().nullable(),
    operations: z.string().nullable(),
  }),
  checklist: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      dueAt: time,
      status: z.enum(['done', 'due', 'overdue', 'missed']),
      doneAt: maybeTime,
      lateMs: z.number().nullable().describe('By how much it was late, or is. Null: it is not.'),
      command: z.string().describe('What gets it done.'),
    }),
  ),
  impact: impact.pick({ summary: true, users: true, dataLost: true }),
  actions: z.array(action),
  timeline: z.array(entry),
  runs: z.array(run),
  evidence: z
    .object({
      from: time,
      to: time,
      alarms: count,
      deployments: count,
      logs: z.array(
        z.object({
          group: z.string(),
          region: z.string(),
          isPart: z.boolean(),
          lines: z.array(z.object({ at: time, stream: z.string(), message: z.string() })),
        }),
      ),
      logsLiveUntil: maybeTime.describe(
        'When the first of those lines expires in CloudWatch. Null: not known, or never.',
      ),
      gaps: z.array(z.string()),
    })
    .nullable()
    .describe('What was seen of the stack and is kept with the incident. Null: nothing was looked at.'),
  told: z.array(
    z.object({
      at: time,
      change: z.string(),
      receiver: z.string(),
      delivered: z.boolean(),
      simulated: z.boolean().describe('True: nothing was sent, since it is the simulated AWS.'),
      detail: z.string(),
    }),
  ),
  gaps: z.array(z.string()).describe('What could not be read for this document.'),
  nextSteps: z.array(z.string()),
  store: z.string().describe('Where it is kept.'),
});

const series = z.object({
  id: z.string(),
  label: z.string(),
  unit: z.string(),
  points: z.array(z.object({ at: time, value: z.number() })),
});

export const postmortemDocument = z.object({
  schema: z.literal('nanoops/postmortem@1'),
  ...about,
  generatedAt: time,
  durationMs: z.number().nonnegative().nullable().describe('From T+0 to the end. Null: it is not over.'),
  basis: z.enum(['incident', 'run']).describe('run: drafted from a drill or a failover alone.'),
  summary: z.string(),
  timeline: z.array(entry),
  impact,
  changes: z.array(change).describe('What the runs changed.'),
  resolution: z.string().nullable(),
  actions: z.array(action),
  lessons: z.array(z.string()).describe('What the runs show that a reader should act on.'),
  questions: z.array(z.string()).describe('For those who learn from it.'),
  series: z.array(series),
  roles: incidentDocument.shape.roles,
  gaps: z.array(z.string()),
  logs: z.array(
    z.object({ group: z.string(), region: z.string(), lines: z.array(z.object({ at: time, message: z.string() })) }),
  ),
});

/** Without names, hosts, ids, account numbers and ARNs: only what was written for customers, times and figures. */
export const publicPostmortemDocument = z.object({
  schema: z.literal('nanoops/public-postmortem@1'),
  id: z.string().describe('Says nothing about the inside.'),
  title: z.string(),
  severity,
  beganAt: maybeTime,
  detectedAt: time,
  resolvedAt: maybeTime,
  durationMs: z.number().nonnegative().nullable(),
  summary: z.string(),
  timeline: z.array(z.object({ at: time, offsetMs: z.number(), text: z.string() })),
  cause: z.string(),
  causeConfirmed: z.boolean(),
  impact: z.array(z.string()),
  resolution: z.string(),
  improvements: z.string(),
  series: z.array(series),
});

export const statusPageDocument = z.object({
  schema: z.literal('nanoops/status-page@1'),
  title: z.string(),
  generatedAt: time,
  status: z.enum(['none', 'minor', 'degraded', 'major']).describe('Of the incidents that are not over.'),
  summary: z.string(),
  incidents: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      severity,
      state: z.enum(['investigating', 'identified', 'mitigated', 'resolved']),
      startedAt: time,
      resolvedAt: maybeTime,
      updates: z.array(z.object({ at: time, text: z.string() })).describe('The newest first.'),
    }),
  ),
});

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

export type IncidentDocument = Frozen<z.output<typeof incidentDocument>>;
export type PostmortemDocument = Frozen<z.output<typeof postmortemDocument>>;
export type PublicPostmortemDocument = Frozen<z.output<typeof publicPostmortemDocument>>;
export type StatusPageDocument = Frozen<z.output<typeof statusPageDocument>>;
