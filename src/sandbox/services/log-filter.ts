/**
 * CloudWatch Logs' filter patterns, as far as they are simulated: terms, "quoted terms", `?any -none`, `%expression%` and
 * JSON patterns with `=`, `!=`, `<`, `<=`, `>`, `>=`, `&&`, `||` and parentheses (CloudWatch Logs User Guide, "Filter
 * pattern syntax").
 */
export type LogFilter = (message: string) => boolean;

export class LogFilterError extends Error {
  override readonly name = 'LogFilterError';
}

/** Compiles a pattern; the empty one matches everything. Throws a `LogFilterError` for what is not understood. */
export function compileLogFilter(pattern: string): LogFilter {
  const text = pattern.trim();
  if (text === '') return () => true;
  if (text.startsWith('{')) return jsonFilter(text);
  if (text.startsWith('[')) throw new LogFilterError('patterns for space-delimited fields are not simulated');
  return termFilter(text);
}

function termFilter(text: string): LogFilter {
  const all: LogFilter[] = [];
  const any: LogFilter[] = [];
  const none: LogFilter[] = [];
  const pattern = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)*)%|([^\s"]+))(?:\s+|$)/gy;
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text);
    if (found === null) throw new LogFilterError('an unbalanced quotation mark');
    const [, sign, quoted, expression, bare] = found;
    const test = expression === undefined ? containing(unescaped(quoted ?? bare ?? '')) : expressionFilter(expression);
    (sign === '?' ? any : sign === '-' ? none : all).push(test);
  }
  return (message) =>
    all.every((test) => test(message)) &&
    (any.length === 0 || any.some((test) => test(message))) &&
    !none.some((test) => test(message));
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, '$1');
}

function containing(term: string): LogFilter {
  return (message) => message.includes(term);
}

/** A regular expression of the kind that CloudWatch allows: short, and without groups that could run for ever. */
function expressionFilter(source: string): LogFilter {
  if (source.length > 200 || /[()]/.test(source)) throw new LogFilterError(`the expression %${source}%`);
  try {
    const expression = new RegExp(source);
    return (message) => expression.test(message);
  } catch (error) {
    throw new LogFilterError(`the expression %${source}%: ${String(error)}`);
  }
}

type Test = (document: unknown) => boolean;

const tokenPattern =
  /\s*(?:(\$(?:\.\w+|\[\d+\])+)|("(?:[^"\\]|\\.)*")|(&&|\|\||!=|<=|>=|[=<>(){}])|(IS|NOT|EXISTS|NULL|TRUE|FALSE)\b|([\w.*:/-]+))/y;

function jsonFilter(text: string): LogFilter {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const found = tokenPattern.exec(text);
    if (found === null) throw new LogFilterError(text);
    tokens.push(found[0].trim());
  }
  const test = new JsonPattern(tokens).parse();
  return (message) => {
    if (!message.startsWith('{')) return false;
    try {
      return test(JSON.parse(message));
    } catch (error) {
      // A line that is no JSON matches no JSON pattern.
      if (error instanceof SyntaxError) return false;
      throw error;
    }
  };
}

class JsonPattern {
  private readonly tokens: readonly string[];
  private position = 0;

  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
  }

  parse(): Test {
    this.expect('{');
    const test = this.either();
    this.expect('}');
    if (this.position < this.tokens.length) throw new LogFilterError('something after the closing brace');
    return test;
  }

  private next(): string {
    const token = this.tokens[this.position];
    if (token === undefined) throw new LogFilterError('the pattern ends too early');
    this.position += 1;
    return token;
  }

  private take(token: string): boolean {
    if (this.tokens[this.position] !== token) return false;
    this.position += 1;
    return true;
  }

  private expect(token: string): void {
    const found = this.next();
    if (found !== token) throw new LogFilterError(`"${token}" is missing before "${found}"`);
  }

  private either(): Test {
    let left = this.both();
    while (this.take('||')) {
      const [a, b] = [left, this.both()];
      left = (document) => a(document) || b(document);
    }
    return left;
  }

  private both(): Test {
    let left = this.comparison();
    while (this.take('&&')) {
      const [a, b] = [left, this.comparison()];
      left = (document) => a(document) && b(document);
    }
    return left;
  }

  private comparison(): Test {
    if (this.take('(')) {
      const inner = this.either();
      this.expect(')');
      return inner;
    }
    const selector = this.next();
    if (!selector.startsWith('$')) throw new LogFilterError(`a selector such as $.level instead of "${selector}"`);
    const operator = this.next();
    if (operator === 'IS' || operator === 'NOT') return this.existence(selector, operator);
    if (!['=', '!=', '<', '<=', '>', '>='].includes(operator)) throw new LogFilterError(`the operator "${operator}"`);
    return comparing(selector, operator, this.next());
  }

  private existence(selector: string, operator: string): Test {
    const what = this.next();
    if (operator === 'NOT' && what === 'EXISTS') return (document) => select(document, selector) === undefined;
    if (operator === 'IS' && what === 'NULL') return (document) => select(document, selector) === null;
    if (operator === 'IS' && (what === 'TRUE' || what === 'FALSE')) {
      return (document) => select(document, selector) === (what === 'TRUE');
    }
    throw new LogFilterError(`"${operator} ${what}"`);
  }
}

function comparing(selector: string, operator: string, operand: string): Test {
  const quoted = operand.startsWith('"');
  const text = quoted ? unescaped(operand.slice(1, -1)) : operand;
  const number = Number(text);
  if (operator === '=' || operator === '!=') {
    return (document) => {
      const value = select(document, selector);
      if (typeof value === 'number' && !quoted) return (value === number) === (operator === '=');
      const comparable = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
      return comparable && matches(String(value), text) === (operator === '=');
    };
  }
  if (Number.isNaN(number)) throw new LogFilterError(`"${operator}" compares numbers, not "${text}"`);
  return (document) => {
    const value = select(document, selector);
    if (typeof value !== 'number') return false;
    if (operator === '<') return value < number;
    if (operator === '<=') return value <= number;
    return operator === '>' ? value > number : value >= number;
  };
}

/** `*` stands for anything. */
function matches(value: string, pattern: string): boolean {
  if (!pattern.includes('*')) return value === pattern;
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (!value.startsWith(first) || !value.endsWith(last) || value.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = value.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= value.length - last.length;
}

function select(document: unknown, selector: string): unknown {
  let value = document;
  for (const step of selector.matchAll(/\.(\w+)|\[(\d+)\]/g)) {
    if (typeof value !== 'object' || value === null) return undefined;
    const key = step[1] ?? step[2] ?? '';
    if (!Object.hasOwn(value, key)) return undefined;
    value = Object.entries(value).find(([name]) => name === key)?.[1];
  }
  return value;
}
