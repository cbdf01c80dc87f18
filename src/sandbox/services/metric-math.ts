/**
 * The part of CloudWatch's metric math that is simulated: numbers, ids of other queries, `+ - * /`, parentheses and
 * `FILL(id, number)` (CloudWatch User Guide, "Using math expressions with CloudWatch metrics").
 */

/** Values by time, in epoch milliseconds. */
export type TimeSeries = ReadonlyMap<number, number>;

export class MetricMathError extends Error {
  override readonly name = 'MetricMathError';
}

type Value = number | TimeSeries;

const tokenPattern = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|([-+*/(),]))/y;

/**
 * Evaluates an expression. Points exist where all its series have one, as CloudWatch has it; `FILL` fills at `times`,
 * those of all series of the request.
 */
export function evaluateMath(
  expression: string,
  lookUp: (id: string) => TimeSeries | undefined,
  times: readonly number[],
): TimeSeries {
  const value = new Evaluation(tokenise(expression), lookUp, times).run();
  if (typeof value === 'number') throw new MetricMathError('The expression must give a time series, not a number');
  return value;
}

function tokenise(expression: string): readonly string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < expression.trimEnd().length) {
    const found = tokenPattern.exec(expression);
    if (found === null) throw new MetricMathError(`The sandbox does not understand the expression "${expression}"`);
    tokens.push(found[0].trim());
  }
  return tokens;
}

class Evaluation {
  private readonly tokens: readonly string[];
  private readonly lookUp: (id: string) => TimeSeries | undefined;
  private readonly times: readonly number[];
  private position = 0;

  constructor(tokens: readonly string[], lookUp: (id: string) => TimeSeries | undefined, times: readonly number[]) {
    this.tokens = tokens;
    this.lookUp = lookUp;
    this.times = times;
  }

  run(): Value {
    const value = this.sum();
    if (this.position < this.tokens.length) throw new MetricMathError(`Unexpected "${this.peek()}" in the expression`);
    return value;
  }

  private peek(): string {
    return this.tokens[this.position] ?? 'end of expression';
  }

  private take(token: string): boolean {
    if (this.tokens[this.position] !== token) return false;
    this.position += 1;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw new MetricMathError(`Expected "${token}" before "${this.peek()}"`);
  }

  private sum(): Value {
    let left = this.product();
    for (;;) {
      if (this.take('+')) left = combine(left, this.product(), (a, b) => a + b);
      else if (this.take('-')) left = combine(left, this.product(), (a, b) => a - b);
      else return left;
    }
  }

  private product(): Value {
    let left = this.factor();
    for (;;) {
      if (this.take('*')) left = combine(left, this.factor(), (a, b) => a * b);
      else if (this.take('/')) left = combine(left, this.factor(), (a, b) => (b === 0 ? Number.NaN : a / b));
      else return left;
    }
  }

  private factor(): Value {
    if (this.take('-')) return combine(0, this.factor(), (a, b) => a - b);
    if (this.take('(')) {
      const inner = this.sum();
      this.expect(')');
      return inner;
    }
    const token = this.peek();
    this.position += 1;
    if (/^\d/.test(token)) return Number(token);
    if (token === 'FILL') return this.fill();
    const series = this.lookUp(token);
    if (series === undefined) throw new MetricMathError(`The expression refers to "${token}", which is no query's id`);
    return series;
  }

  private fill(): Value {
    this.expect('(');
    const series = this.sum();
    this.expect(',');
    const filler = this.sum();
    this.expect(')');
    if (typeof series === 'number' || typeof filler !== 'number') {
      throw new MetricMathError('FILL takes a series and a number');
    }
    return new Map(this.times.map((at) => [at, series.get(at) ?? filler]));
  }
}

function combine(left: Value, right: Value, apply: (a: number, b: number) => number): Value {
  if (typeof left === 'number' && typeof right === 'number') return apply(left, right);
  const times = new Set<number>();
  for (const side of [left, right]) if (typeof side !== 'number') for (const at of side.keys()) times.add(at);
  const at = (side: Value, time: number) => (typeof side === 'number' ? side : side.get(time));
  const combined = new Map<number, number>();
  for (const time of [...times].toSorted((a, b) => a - b)) {
    const a = at(left, time);
    const b = at(right, time);
    if (a === undefined || b === undefined) continue;
    const value = apply(a, b);
    if (Number.isFinite(value)) combined.set(time, value);
  }
  return combined;
}
