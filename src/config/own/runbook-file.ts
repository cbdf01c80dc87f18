/** What a team's own runbook in YAML may say, and its JSON Schema for editors. How it is meant is decided in src/own. */
import * as z from 'zod';
import { duration, plainText } from '../schema/fields.ts';
import { call, expression, line, program, source, stepId } from './fields.ts';

const title = () => plainText(120).optional().describe('What it does, for people. Default: its id.');

const lookStep = z
  .strictObject({
    look: stepId().describe(
      'Looks at something and changes nothing. Looks that stand together are made at the same time.',
    ),
    title: title(),
    ...source,
    keep: expression('The part of the answer that later steps see. Default: all of it.').optional(),
    expect: expression('What must hold, or the run says that something needs attention.').optional(),
    say: line('What was found, for people: a text in which ${…} stands for parts of the answer.').optional(),
  })
  .describe('Looks at something.');

const polled = {
  ...source,
  until: expression('What is waited for.'),
  failed: expression('What shows that it will not be reached any more.').optional(),
  say: line('What was seen, for people.').optional(),
  every: duration().optional().describe('From one look to the next. Default: 15s.'),
  for: duration().describe('How long it may take.'),
};

const waitStep = z
  .strictObject({
    wait: stepId().describe('Looks again and again until something is seen.'),
    title: title(),
    ...polled,
  })
  .describe('Waits until something is seen.');

const verifyStep = z
  .strictObject({
    verify: stepId().describe('As wait; where it does not hold, what was changed is put back.'),
    title: title(),
    ...polled,
  })
  .describe('Makes sure that something holds.');

const approveStep = z
  .strictObject({
    approve: stepId().describe('Asks a person whether to go on. Every act asks by itself, besides.'),
    title: title(),
    question: line('A question that yes answers.'),
    facts: z.array(line('A line for whoever decides.')).optional(),
  })
  .describe('Asks whether to go on.');

const manualStep = z
  .strictObject({
    manual: stepId().describe('Tells a person what to do, and waits until they say that it is done.'),
    title: title(),
    question: line('What to do, as a question that yes answers: "Have you …?"'),
    facts: z.array(line('A line for whoever does it.')).optional(),
  })
  .describe('Something that a person does.');

const notifyStep = z
  .strictObject({
    notify: stepId().describe('Tells whoever the configuration names under notify.'),
    title: title(),
    severity: z.enum(['critical', 'warning', 'info']).optional().describe('Default: info.'),
    message: line('What to tell.'),
    lines: z.array(line('More of it.')).optional(),
  })
  .describe('Tells somebody.');

const effect = z
  .strictObject({
    ...source,
    done: expression('Holds once the change is made, and not before.'),
    underWay: expression('Holds while it is being made.').optional(),
    failed: expression('Holds where it was tried and given up.').optional(),
    undone: expression('Holds once it is put back. Required with an undo.').optional(),
    say: line('How it stands, for people.').optional(),
  })
  .describe(
    'How to see whether the change was made: asked before it is sent, after a lost answer, and by whoever takes the run up.',
  );

const stoodFor = () =>
  z
    .strictObject({ call: call() })
    .optional()
    .describe(
      'What the program does on the simulated AWS, where none of yours is started: the call that is sent there in its place.',
    );

const actStep = z
  .strictObject({
    act: stepId().describe('Changes one thing, by one call or one program, once somebody has agreed.'),
    title: title(),
    call: call().optional(),
    command: program().optional(),
    simulated: stoodFor(),
    within: duration().optional().describe('How long the program may take. Default: 30s.'),
    resource: line('What is changed, as you call it: nano/worker.'),
    summary: line('What is changed, for whoever agrees: "desired count 4 → 6".'),
    before: z.record(z.string(), z.json()).optional().describe('How it is before, by names that you know.'),
    after: z.record(z.string(), z.json()).optional().describe('How it is to be.'),
    blastRadius: line('Who and what feels it.'),
    question: line('What is asked before it is done. Default: the summary.').optional(),
    onlyIf: expression('Does it only where this holds.').optional(),
    effect,
    undo: z
      .union(
        [
          z.literal('irreversible'),
          z.literal('data-loss'),
          z.strictObject({
            call: call().optional(),
            command: program().optional(),
            simulated: stoodFor(),
            summary: line('What putting it back does.'),
          }),
        ],
        {
          error: ({ input }) =>
            input === undefined
              ? 'is missing: how it is put back (call or command, and summary), "irreversible" or "data-loss"'
              : undefined,
        },
      )
      .describe(
        'How it is put back where a later step fails; or "irreversible", or "data-loss" where what was written may be lost.',
      ),
  })
  .describe('Changes something.');

export const stepSchemas = {
  look: lookStep,
  approve: approveStep,
  act: actStep,
  wait: waitStep,
  verify: verifyStep,
  manual: manualStep,
  notify: notifyStep,
} as const;

export type StepKind = keyof typeof stepSchemas;

export const runbookFileSchema = z.strictObject({
  title: plainText(80).describe('What it is called.'),
  summary: plainText(200).describe('What it answers, in one line.'),
  scenarios: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Scenarios of the sandbox in which it is tried. Default: healthy.'),
  locks: z
    .array(line('A name under which only one run at a time may act: ecs:us-west-2:nano/worker.'))
    .min(1)
    .optional()
    .describe('Required where it acts: other runbooks of the same thing name it alike.'),
  steps: z
    .array(z.union([lookStep, approveStep, actStep, waitStep, verifyStep, manualStep, notifyStep]))
    .min(1, { error: 'must hold a step' })
    .describe('One after the other; looks that stand together are made at the same time.'),
  conclude: z
    .strictObject({
      attention: expression('Where this holds, something needs attention, whatever the looks expect.').optional(),
      say: line('What it comes to, for people.').optional(),
    })
    .optional()
    .describe('What it comes to. Default: attention where a look did not find what it expects.'),
});

export type RunbookFile = z.output<typeof runbookFileSchema>;
export type FileStep = RunbookFile['steps'][number];
export type LookStep = z.output<typeof lookStep>;
export type ActStep = z.output<typeof actStep>;
export type PolledStep = z.output<typeof waitStep> | z.output<typeof verifyStep>;
export type AskStep = z.output<typeof approveStep> | z.output<typeof manualStep>;
export type NotifyStep = z.output<typeof notifyStep>;
