/**
 * X-Ray's filter expressions, as far as they are simulated: `responsetime`, `duration` and `http.status` against
 * numbers, `fault`, `error`, `throttle`, `ok`, `partial`, `service("name") { … }`, with `AND`, `OR`, `!` and parentheses
 * (X-Ray Developer Guide, "Use filter expressions").
 */
import type { TraceNode } from '../world/traces.ts';

export interface FilteredTrace {
  readonly request: { readonly totalMs: number; readonly status: number };
  readonly fault: boolean;
  readonly error: boolean;
  readonly nodes: readonly TraceNode[];
}

export type TraceFilter = (trace: FilteredTrace) => boolean;

export class TraceFilterError extends Error {
  override readonly name = 'TraceFilterError';
}

/** Compiles an expression; the empty one matches everything. Throws a `TraceFilterError` for what is not understood. */
export function compileTraceFilter(expression: string): TraceFilter {
  const tokens: string[] = [];
  const pattern = /\s*("(?:[^"\\]|\\.)*"|\d+(?:\.\d+)?|[A-Za-z_.]+|!=|<=|>=|[=<>!(){}])/y;
  const text = expression.trim();
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text);
    if (found?.[1] === undefined) throw new TraceFilterError(expression);
    tokens.push(found[1]);
  }
  return tokens.length === 0 ? () => true : new Parser(tokens).parse();
}

type Comparison = (value: number) => boolean;

class Parser {
  private readonly tokens: readonly string[];
  private position = 0;

  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
  }

  parse(): TraceFilter {
    const filter = this.either((token) => this.traceTerm(token));
    if (this.position < this.tokens.length) throw new TraceFilterError(`"${this.tokens[this.position]}"`);
    return filter;
  }

  private next(): string {
    const token = this.tokens[this.position];
    if (token === undefined) throw new TraceFilterError('the expression ends too early');
    this.position += 1;
    return token;
  }

  private take(...tokens: readonly string[]): boolean {
    const token = this.tokens[this.position];
    if (token === undefined || !tokens.includes(token)) return false;
    this.position += 1;
    return true;
  }

  private expect(token: string): void {
    const found = this.next();
    if (found !== token) throw new TraceFilterError(`"${token}" is missing before "${found}"`);
  }

  private either<T>(term: (token: string) => (value: T) => boolean): (value: T) => boolean {
    let left = this.both(term);
    while (this.take('OR', 'or')) {
      const [a, b] = [left, this.both(term)];
      left = (value) => a(value) || b(value);
    }
    return left;
  }

  private both<T>(term: (token: string) => (value: T) => boolean): (value: T) => boolean {
    let left = this.unary(term);
    while (this.take('AND', 'and')) {
      const [a, b] = [left, this.unary(term)];
      left = (value) => a(value) && b(value);
    }
    return left;
  }

  private unary<T>(term: (token: string) => (value: T) => boolean): (value: T) => boolean {
    if (this.take('!')) {
      const inner = this.unary(term);
      return (value) => !inner(value);
    }
    if (this.take('(')) {
      const inner = this.either(term);
      this.expect(')');
      return inner;
    }
    return term(this.next());
  }

  private traceTerm(token: string): TraceFilter {
    switch (token) {
      // Nothing goes on after the answer here, so that both are the same.
      case 'responsetime':
      case 'duration':
        return this.number(({ request }) => request.totalMs / 1000);
      case 'http.status':
        return this.number(({ request }) => request.status);
      case 'fault':
        return (trace) => trace.fault;
      case 'error':
        return (trace) => trace.error;
      case 'ok':
        return (trace) => !trace.fault && !trace.error;
      case 'throttle':
      case 'partial':
        // Nothing is throttled here, and a trace is shown only when it is whole.
        return () => false;
      case 'service':
        return this.service();
      default:
        throw new TraceFilterError(`"${token}"`);
    }
  }

  private service(): TraceFilter {
    this.expect('(');
    const name = this.take(')') ? undefined : this.quoted();
    if (name !== undefined) this.expect(')');
    let condition: (node: TraceNode) => boolean = () => true;
    if (this.take('{')) {
      condition = this.either((token) => this.nodeTerm(token));
      this.expect('}');
    }
    return (trace) => trace.nodes.some((node) => (name === undefined || node.name === name) && condition(node));
  }

  private quoted(): string {
    const token = this.next();
    if (!token.startsWith('"')) throw new TraceFilterError(`a quoted name instead of "${token}"`);
    return token.slice(1, -1).replaceAll(/\\(.)/g, '$1');
  }

  private nodeTerm(token: string): (node: TraceNode) => boolean {
    switch (token) {
      case 'responsetime':
        return this.number((node) => node.seconds);
      case 'fault':
        return (node) => node.fault;
      case 'error':
        return (node) => node.error;
      case 'ok':
        return (node) => !node.fault && !node.error;
      case 'throttle':
        return () => false;
      default:
        throw new TraceFilterError(`"${token}" within service() { … }`);
    }
  }

  private number<T>(read: (value: T) => number): (value: T) => boolean {
    const compare = this.comparison();
    return (value) => compare(read(value));
  }

  private comparison(): Comparison {
    const operator = this.next();
    const operand = Number(this.next());
    if (Number.isNaN(operand)) throw new TraceFilterError(`a number after "${operator}"`);
    switch (operator) {
      case '=':
        return (value) => value === operand;
      case '!=':
        return (value) => value !== operand;
      case '<':
        return (value) => value < operand;
      case '<=':
        return (value) => value <= operand;
      case '>':
        return (value) => value > operand;
      case '>=':
        return (value) => value >= operand;
      default:
        throw new TraceFilterError(`the operator "${operator}"`);
    }
  }
}
