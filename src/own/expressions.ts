/** JMESPath, and texts in which `${…}` stands for what an expression gives. Pure. */
import { JMESPathError, search } from '@aws-lambda-powertools/jmespath';
import { plainOf, type Plain } from '../engine/plain.ts';

/** An expression that cannot be evaluated, or gives nothing where something is needed. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  /** What an observing step makes of it: it cannot be told. */
  readonly errorClass = 'rejected';
}

/** What an expression gives for some data; null where it finds nothing. @throws ExpressionError */
export function evaluate(expression: string, data: Plain): Plain {
  try {
    const found: unknown = search(expression, data);
    return found === undefined ? null : plainOf(found);
  } catch (error) {
    if (!(error instanceof JMESPathError)) throw error;
    throw new ExpressionError(`${expression}: ${reasonOf(error)}`);
  }
}

/** True where an expression gives what JMESPath takes for true: anything but false, null and what is empty. */
export function holds(expression: string, data: Plain): boolean {
  const found = evaluate(expression, data);
  if (found === null || found === false || found === '') return false;
  return typeof found !== 'object' || Object.keys(found).length > 0;
}

/** What is wrong with an expression's syntax; undefined where nothing is. */
export function syntaxFault(expression: string): string | undefined {
  try {
    search(expression, null);
    return undefined;
  } catch (error) {
    if (!(error instanceof JMESPathError)) throw error;
    // Of nothing a function may be asked in vain: that is no fault of how it is written.
    return error.name === 'JMESPathTypeError' ? undefined : reasonOf(error);
  }
}

function reasonOf(error: JMESPathError): string {
  return error.message.replace(/^Invalid jmespath expression: /i, '').replace(/ in expression: [^]*$/, '');
}

/** The parts of a text: what stands there, and the expressions in it. */
export type TextPart = { readonly text: string } | { readonly expression: string };

/** @throws ExpressionError for a `${` that does not end. */
export function partsOf(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let rest = text;
  for (let at = rest.indexOf('${'); at !== -1; at = rest.indexOf('${')) {
    if (at > 0) parts.push({ text: rest.slice(0, at) });
    const end = endOf(rest, at + 2);
    if (end === undefined) throw new ExpressionError(`${rest.slice(at)}: its "\${" does not end`);
    parts.push({ expression: rest.slice(at + 2, end).trim() });
    rest = rest.slice(end + 1);
  }
  if (rest !== '') parts.push({ text: rest });
  return parts;
}

/** Where the brace closes that was opened before `from`: an expression may hold braces and quoted texts itself. */
function endOf(text: string, from: number): number | undefined {
  let depth = 0;
  let quote: string | undefined;
  for (let at = from; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if (quote !== undefined) {
      if (letter === '\\') at += 1;
      else if (letter === quote) quote = undefined;
    } else if (letter === "'" || letter === '"' || letter === '`') quote = letter;
    else if (letter === '{') depth += 1;
    else if (letter === '}' && depth === 0) return at;
    else if (letter === '}') depth -= 1;
  }
  return undefined;
}

/** The expressions in all texts of a value. @throws ExpressionError */
export function expressionsIn(value: Plain | undefined): readonly string[] {
  if (typeof value === 'string')
    return partsOf(value).flatMap((part) => ('expression' in part ? [part.expression] : []));
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap((each) => expressionsIn(each)) : [];
}

/** A line for people. What an expression does not find is shown as a dash. */
export function textOf(text: string, data: Plain): string {
  return partsOf(text)
    .map((part) => ('text' in part ? part.text : tried(part.expression, data)))
    .join('');
}

/** A text for people is told with a gap rather than not at all. */
function tried(expression: string, data: Plain): string {
  try {
    return shown(evaluate(expression, data));
  } catch (error) {
    if (error instanceof ExpressionError) return shown(null);
    throw error;
  }
}

function shown(value: Plain): string {
  if (value === null) return '\u2013';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * A value with its expressions evaluated. A text that is one expression and nothing else becomes what that gives, number or list.
 *
 * @throws ExpressionError also where one finds nothing: a request is not to be sent with a hole in it.
 */
export function filled(value: Plain | undefined, data: Plain): Plain {
  if (typeof value === 'string') return filledText(value, data);
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (isList(value)) return value.map((each) => filled(each, data));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, data)]));
}

function filledText(text: string, data: Plain): Plain {
  const parts = partsOf(text);
  const values = parts.map((part) => ('text' in part ? part.text : needed(part.expression, data)));
  const [only] = values;
  return parts.length === 1 && only !== undefined ? only : values.map((value) => shown(value)).join('');
}

/**
 * An expression about an answer, in which `${…}` stands for what was found before, as text.
 *
 * @throws ExpressionError also for a text that would end the literal it stands in.
 */
export function filledExpression(expression: string, data: Plain): string {
  let written = '';
  for (const part of partsOf(expression)) {
    if ('text' in part) {
      written += part.text;
      continue;
    }
    const text = shown(needed(part.expression, data));
    const isLiteral = quoteAt(written) !== undefined;
    if (isLiteral ? /['"`\\]/.test(text) : !/^-?\d+$/.test(text)) {
      const where = isLiteral ? 'which no literal can hold' : "which is no number: put it in quotes, '${…}'";
      throw new ExpressionError(`\${${part.expression}} is ${JSON.stringify(text)}, ${where}`);
    }
    written += text;
  }
  return written;
}

/** The quote that is open at the end of a text. */
function quoteAt(text: string): string | undefined {
  let quote: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if (quote === undefined) {
      if (letter === "'" || letter === '"' || letter === '`') quote = letter;
    } else if (letter === '\\') at += 1;
    else if (letter === quote) quote = undefined;
  }
  return quote;
}

function needed(expression: string, data: Plain): Plain {
  const value = evaluate(expression, data);
  if (value === null) throw new ExpressionError(`\${${expression}} finds nothing`);
  return value;
}

/** A word of a command line, or a line that somebody decides by. @throws ExpressionError where an expression in it finds nothing. */
export function filledWord(text: string, data: Plain): string {
  return shown(filledText(text, data));
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
