/**
 * What CloudWatch makes of an alarm, as far as nanoops' alarms use it (CloudWatch User Guide, "Using metric math" and
 * "Configuring how CloudWatch alarms treat missing data"). Values are by the minute, the last of them of the minute that
 * ends now; undefined is a minute in which nothing was published.
 */
import type { AlarmSpec } from '../../src/cloud/monitoring.ts';

export type Minutes = readonly (number | undefined)[];
type Value = number | undefined;

/** CloudWatch asks for some more periods than it judges; how many it does not say. */
const morePeriods = 2;

export function stateOf(spec: AlarmSpec, minutes: Readonly<Record<string, Minutes>>): 'OK' | 'ALARM' | 'no data' {
  const { periods, datapoints, threshold, comparison, missing } = spec;
  if (threshold === null) throw new Error('it has no threshold');
  const range = Array.from({ length: periods + morePeriods }, (_, index) => valueOf(spec, minutes, index));
  const real = range.filter((value) => value !== undefined);
  const isAcross = (value: number): boolean => (comparison === '>' ? value > threshold : value < threshold);
  const judged = real.length >= periods ? real.slice(0, periods) : real;
  const breaching = judged.filter(isAcross).length;
  const filled = periods - judged.length;
  if (judged.length === 0 && (missing === 'missing' || missing === 'ignore')) return 'no data';
  return breaching + (missing === 'breaching' ? filled : 0) >= datapoints ? 'ALARM' : 'OK';
}

/** Of the period that ended so many periods ago. */
function valueOf({ metrics, expression }: AlarmSpec, minutes: Readonly<Record<string, Minutes>>, ago: number): Value {
  const values = new Map(
    Object.entries(metrics).map(([id, { statistic, periodSeconds }]) => {
      const series = minutes[id];
      if (series === undefined) throw new Error(`the test does not say what ${id} is`);
      const length = periodSeconds / 60;
      const end = series.length - ago * length;
      const points = end <= 0 ? [] : series.slice(Math.max(0, end - length), end).filter((each) => each !== undefined);
      return [id, aggregate(points, statistic)] as const;
    }),
  );
  if (expression !== null) return evaluate(expression, values);
  const [only] = values.values();
  return only;
}

function aggregate(points: readonly number[], statistic: string): Value {
  if (points.length === 0) return undefined;
  const total = points.reduce((sum, each) => sum + each, 0);
  switch (statistic) {
    case 'Sum':
      return total;
    case 'Average':
      return total / points.length;
    case 'Maximum':
      return Math.max(...points);
    default:
      throw new Error(`no alarm is known to use ${statistic}`);
  }
}

/** Lowest first; all of them from the left. */
const levels = [
  ['>=', '<=', '>', '<'],
  ['+', '-'],
  ['*', '/'],
] as const;

/** What lacks an operand, or is divided by zero, is no data point. */
function evaluate(expression: string, values: ReadonlyMap<string, Value>): Value {
  const tokens = expression.match(/[A-Za-z]\w*|\d+(?:\.\d+)?|>=|<=|[-+*/<>(),]/g) ?? [];
  let next = 0;
  const take = (wanted: string): void => {
    if (tokens[next] !== wanted) throw new Error(`${wanted} is wanted, and there is ${tokens[next]}: ${expression}`);
    next += 1;
  };
  const binary = (level: number): Value => {
    const operators: readonly string[] | undefined = levels[level];
    if (operators === undefined) return primary();
    let left = binary(level + 1);
    for (let operator = tokens[next] ?? ''; operators.includes(operator); operator = tokens[next] ?? '') {
      next += 1;
      left = applied(operator, left, binary(level + 1));
    }
    return left;
  };
  const primary = (): Value => {
    const token = tokens[next] ?? '';
    next += 1;
    if (token === '(') {
      const inner = binary(0);
      take(')');
      return inner;
    }
    if (/^\d/.test(token)) return Number(token);
    if (tokens[next] !== '(') {
      if (!values.has(token)) throw new Error(`${token} is no metric of the alarm`);
      return values.get(token);
    }
    const given: Value[] = [];
    do {
      next += 1;
      given.push(binary(0));
    } while (tokens[next] === ',');
    take(')');
    return called(token, given);
  };
  const result = binary(0);
  if (next !== tokens.length) throw new Error(`what follows is not understood: ${tokens.slice(next).join(' ')}`);
  return result;
}

function called(name: string, [first, second, third]: readonly Value[]): Value {
  if (name === 'FILL') return first ?? second;
  if (name === 'IF') return first === undefined ? undefined : first === 0 ? third : second;
  throw new Error(`no alarm is known to use ${name}`);
}

function applied(operator: string, left: Value, right: Value): Value {
  if (left === undefined || right === undefined) return undefined;
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? undefined : left / right;
    case '>':
      return Number(left > right);
    case '<':
      return Number(left < right);
    case '>=':
      return Number(left >= right);
    default:
      return Number(left <= right);
  }
}
