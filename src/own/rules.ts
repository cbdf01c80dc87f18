/**
 * What a team's runbook in YAML must keep to beyond its form: what looks may not change anything, what changes something can be
 * seen and says how it is put back, and every expression can be read. Pure but for asking what AWS's operations are.
 */
import type { ActStep, FileStep, LookStep, PolledStep } from '../config/own/runbook-file.ts';
import type { CheckFile } from '../config/own/check-file.ts';
import type { Source } from '../config/own/fields.ts';
import type { Finding, Judge } from '../config/own/read-own-file.ts';
import type { PlainRecord } from '../engine/plain.ts';
import { ExpressionError, expressionsIn, partsOf, syntaxFault } from './expressions.ts';
import { idOf, valueName } from './steps.ts';

type Path = Finding['path'];
type Call = NonNullable<Source['call']>;

/** What AWS makes of a call as it is written. */
export type JudgeCall = (
  service: string,
  operation: string,
  input: PlainRecord,
) => Promise<{
  readonly kind: 'read' | 'secret' | 'change';
  readonly faults: readonly {
    readonly path: Path;
    readonly about: 'service' | 'operation' | 'input';
    readonly message: string;
    readonly known: readonly string[];
  }[];
}>;

export function rulesBy(judgeCall: JudgeCall): Judge {
  return async ({ file, steps }) => {
    const acts = steps.filter(({ step }) => 'act' in step);
    const found: Finding[] = [];
    if (acts.length > 0 && file.locks === undefined) {
      found.push({
        path: [],
        message: 'it acts, so it has to say under which names: locks: [ecs:us-west-2:nano/worker]',
      });
    }
    found.push(...textFindings(file.locks, ['locks'], new Set(['stack'])));
    found.push(...(file.conclude === undefined ? [] : conclusionFindings(file.conclude, steps)));
    const seen = new Set<string>([
      'conclusion',
      ...acts.flatMap(({ step }) => [`plan-${idOf(step)}`, `approve-${idOf(step)}`]),
    ]);
    const values = new Set(['stack']);
    let hasActed = false;
    for (const { at, step } of steps) {
      const path: Path = ['steps', at];
      const [kind = ''] = Object.keys(step);
      if (seen.has(idOf(step)))
        found.push({
          path: [...path, kind],
          message: `the id "${idOf(step)}" stands twice, or is one that nanoops gives`,
        });
      seen.add(idOf(step));
      if ('look' in step && hasActed) {
        found.push({
          path: [...path, 'look'],
          message: 'stands after an act: what is then cannot be rehearsed. Make it "verify" or "wait"',
        });
      }
      found.push(...(await stepFindings(step, path, values, judgeCall)));
      if ('look' in step) values.add(valueName(step.look)).add(step.look);
      if ('act' in step) hasActed = true;
    }
    return found;
  };
}

/** As `rulesBy`, for a check. */
export function checkRulesBy(judgeCall: JudgeCall): (file: CheckFile) => Promise<readonly Finding[]> {
  return async (file) => {
    const found = [
      ...(await sourceFindings(file, [], new Set(['stack']), judgeCall)),
      ...(['warning', 'breach', 'value'] as const).flatMap((key) => expressionFindings(file[key], [key])),
      ...textFindings(file.say, ['say']),
    ];
    if (file.warning === undefined && file.breach === undefined && file.call !== undefined) {
      found.push({ path: [], message: 'has to say when it fails: warning or breach, a JMESPath expression' });
    }
    return found;
  };
}

async function stepFindings(
  step: FileStep,
  path: Path,
  values: ReadonlySet<string>,
  judgeCall: JudgeCall,
): Promise<readonly Finding[]> {
  if ('look' in step) return lookFindings(step, path, values, judgeCall);
  if ('wait' in step || 'verify' in step) return polledFindings(step, path, values, judgeCall);
  if ('act' in step) return actFindings(step, path, values, judgeCall);
  if ('notify' in step) {
    return [
      ...textFindings(step.message, [...path, 'message'], values),
      ...textFindings(step.lines, [...path, 'lines'], values),
    ];
  }
  return [
    ...textFindings(step.question, [...path, 'question'], values),
    ...textFindings(step.facts, [...path, 'facts'], values),
  ];
}

async function lookFindings(step: LookStep, path: Path, values: ReadonlySet<string>, judgeCall: JudgeCall) {
  return [
    ...(await sourceFindings(step, path, values, judgeCall)),
    ...expressionFindings(step.keep, [...path, 'keep']),
    ...expressionFindings(step.expect, [...path, 'expect']),
    ...textFindings(step.say, [...path, 'say']),
  ];
}

async function polledFindings(step: PolledStep, path: Path, values: ReadonlySet<string>, judgeCall: JudgeCall) {
  return [
    ...(await sourceFindings(step, path, values, judgeCall)),
    ...openFindings(step.until, [...path, 'until'], values),
    ...openFindings(step.failed, [...path, 'failed'], values),
    ...textFindings(step.say, [...path, 'say']),
  ];
}

async function actFindings(step: ActStep, path: Path, values: ReadonlySet<string>, judgeCall: JudgeCall) {
  const { effect, undo } = step;
  const found: Finding[] = [
    ...(await deedFindings(step, path, values, judgeCall)),
    ...(await sourceFindings(effect, [...path, 'effect'], values, judgeCall)),
    ...expressionFindings(step.onlyIf, [...path, 'onlyIf'], values),
    ...(['resource', 'summary', 'blastRadius', 'question', 'before', 'after'] as const).flatMap((key) =>
      textFindings(step[key], [...path, key], values),
    ),
    ...(['done', 'underWay', 'failed', 'undone'] as const).flatMap((key) =>
      openFindings(effect[key], [...path, 'effect', key], values),
    ),
    ...textFindings(effect.say, [...path, 'effect', 'say']),
  ];
  if (typeof undo === 'object') {
    found.push(...(await deedFindings(undo, [...path, 'undo'], values, judgeCall)));
    found.push(...textFindings(undo.summary, [...path, 'undo', 'summary'], values));
    if (effect.undone === undefined) {
      found.push({
        path: [...path, 'effect'],
        message: 'with an undo it has to say what shows that it is put back: undone',
      });
    }
  }
  return found;
}

/** What looks: one of three ways, and none that changes anything. */
async function sourceFindings(source: Source, path: Path, values: ReadonlySet<string>, judgeCall: JudgeCall) {
  const { call, command, http, readOnly } = source;
  const ways = [call, command, http].filter((each) => each !== undefined);
  if (ways.length !== 1) {
    return [
      { path, message: `has to look in one way: call, command or http${ways.length === 0 ? '' : ', not several'}` },
    ];
  }
  const found: Finding[] = [];
  if (command !== undefined && readOnly === undefined) {
    found.push({
      path: [...path, 'command'],
      message:
        'may look only where it is declared to change nothing: readOnly: true; what changes something is an "act"',
    });
  }
  if (command === undefined && readOnly !== undefined) {
    found.push({ path: [...path, 'readOnly'], message: 'means something with a command only' });
  }
  if (command !== undefined) {
    found.push(...programFindings(command, path), ...textFindings(command, [...path, 'command'], values));
  }
  if (http?.includes('${') === true) {
    found.push({ path: [...path, 'http'], message: 'is asked as it stands there: no ${…} is filled in' });
  }
  if (call !== undefined) found.push(...(await callFindings(call, [...path, 'call'], values, judgeCall, 'read')));
  return found;
}

/** What changes something: one call or one program. */
async function deedFindings(
  { call, command, simulated }: Pick<ActStep, 'call' | 'command' | 'simulated'>,
  path: Path,
  values: ReadonlySet<string>,
  judgeCall: JudgeCall,
): Promise<readonly Finding[]> {
  if ((call === undefined) === (command === undefined)) {
    return [{ path, message: 'has to change something in one way: by a call or by a command' }];
  }
  if (command !== undefined) {
    return [
      ...programFindings(command, path),
      ...textFindings(command, [...path, 'command'], values),
      ...(simulated === undefined
        ? []
        : await callFindings(simulated.call, [...path, 'simulated', 'call'], values, judgeCall, 'change')),
    ];
  }
  if (simulated !== undefined)
    return [{ path: [...path, 'simulated'], message: 'stands for a command: a call is simulated itself' }];
  return call === undefined ? [] : callFindings(call, [...path, 'call'], values, judgeCall, 'change');
}

/** A value that was found would choose the program. */
function programFindings(command: readonly string[], path: Path): readonly Finding[] {
  return command[0]?.includes('${') === true
    ? [{ path: [...path, 'command', 0], message: 'is started as it stands there: no ${…} is filled in' }]
    : [];
}

async function callFindings(
  { service, operation, input }: Call,
  path: Path,
  values: ReadonlySet<string>,
  judgeCall: JudgeCall,
  wanted: 'read' | 'change',
): Promise<readonly Finding[]> {
  const { kind, faults } = await judgeCall(service, operation, input ?? {});
  const found: Finding[] = faults.map(({ path: inside, about, message, known }) => ({
    path: about === 'input' ? [...path, 'input', ...inside] : [...path, about],
    message,
    known,
    word: about === 'input' ? String(inside.at(-1) ?? '') : about === 'service' ? service : operation,
  }));
  if (faults.every(({ about }) => about === 'input')) {
    if (kind === 'secret') {
      found.push({
        path: [...path, 'operation'],
        message: 'hands out secrets, which would end in journals and reports',
      });
    } else if (kind !== wanted) {
      const message =
        wanted === 'read'
          ? `${operation} is not an operation that only reads (Describe…, Get…, List…): what changes something is an "act"`
          : `${operation} only reads, and an act changes something: make it a "look"`;
      found.push({ path: [...path, 'operation'], message });
    }
  }
  return [...found, ...textFindings(input, [...path, 'input'], values)];
}

function conclusionFindings(
  { attention, say }: NonNullable<Parameters<Judge>[0]['file']['conclude']>,
  steps: Parameters<Judge>[0]['steps'],
): readonly Finding[] {
  const values = new Set([
    'stack',
    ...steps.flatMap(({ step }) => ('look' in step ? [step.look, valueName(step.look)] : [])),
  ]);
  return [
    ...expressionFindings(attention, ['conclude', 'attention'], values),
    ...textFindings(say, ['conclude', 'say'], values),
  ];
}

/** `values`: the names that the expression may begin with; absent where it is about an answer, which may hold anything. */
function expressionFindings(
  expression: string | undefined,
  path: Path,
  values?: ReadonlySet<string>,
): readonly Finding[] {
  if (expression === undefined) return [];
  const fault = syntaxFault(expression);
  if (fault !== undefined) return [{ path, message: `is no JMESPath expression: ${fault}` }];
  const [, first] = /^\s*"?([A-Za-z_][\w-]*)"?\s*(?:[.[|=<>!&]|$)/.exec(expression) ?? [];
  if (values === undefined || first === undefined || values.has(first)) return [];
  const known = [...values].filter((name) => !name.includes('-'));
  return [{ path, message: `"${first}" is no look before this one`, known, word: first }];
}

/** An expression about an answer, in which others stand for what was found before. */
function openFindings(expression: string | undefined, path: Path, values: ReadonlySet<string>): readonly Finding[] {
  const inside = textFindings(expression, path, values);
  if (expression === undefined || inside.length > 0) return inside;
  // Whatever is filled in is a number or a part of a text, for either of which a digit may stand.
  const whole = partsOf(expression).map((part) => ('text' in part ? part.text : '0'));
  return expressionFindings(whole.join(''), path);
}

/** In every text of a value, each fault at the text. */
function textFindings(value: unknown, path: Path, values?: ReadonlySet<string>): readonly Finding[] {
  if (typeof value === 'string') {
    try {
      return expressionsIn(value).flatMap((each) => expressionFindings(each, path, values));
    } catch (error) {
      if (error instanceof ExpressionError) return [{ path, message: error.message }];
      throw error;
    }
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    textFindings(each, [...path, Array.isArray(value) ? Number(key) : key], values),
  );
}
