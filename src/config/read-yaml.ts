/**
 * From the text of a YAML file to its tree, with every fault of form on the way: syntax, keys that are set twice, tags,
 * what cannot be printed. Built to be handed any text: depth, aliases and errors are bounded before they cost time.
 * Knows nothing of what a configuration may say.
 */
import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type CST,
  type Document,
  type ParsedNode,
} from 'yaml';
import { printable } from './printable.ts';
import type { Fault } from './faults.ts';
import type { Path } from './path.ts';
import { mostLevels, type Entry, type Position, type Tree } from './tree.ts';

/** The library's time grows with the square of what one line holds. */
const longestLine = 8192;
/** Errors of syntax that are worth reading; the rest mostly follow from the first. */
const mostSyntaxFaults = 100;
/** Nodes that aliases may add. A few lines of nested aliases can stand for billions. */
const mostAliasedNodes = 10_000;

export interface YamlReading {
  /** Absent when nothing usable was found; then `faults` says why. */
  readonly root?: Entry;
  readonly faults: readonly Fault[];
  /** True where syntax is broken: what is missing from `root` may be there in the file. */
  readonly broken: boolean;
  /** Where aliases expand without end; the reading stopped there. */
  readonly aliasBombAt?: Position;
  /** What to do about a text that was refused before it was read. */
  readonly advice?: string;
}

export function readYaml(text: string, leastKeys = '"service" and "regions: { primary: … }"'): YamlReading {
  const lines = new LineCounter();
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(Math.max(0, offset), text.length));
    return { line, column: col };
  };
  const tooLong = text.split('\n').findIndex((line) => line.length > longestLine);
  if (tooLong !== -1) {
    const message = `is longer than ${longestLine} characters in this line`;
    const advice = 'Break the line up: no setting needs one so long. Or check that --config names the right file.';
    return { faults: [{ path: [], position: { line: tooLong + 1, column: 1 }, message }], broken: true, advice };
  }
  const parsed = parseTokens(text, lines);
  if ('tooDeepAt' in parsed) {
    const message = `is nested more than ${mostLevels} levels deep`;
    const advice = 'Take levels out: no setting lies so deep. Or check that --config names the right file.';
    return { faults: [{ path: [], position: positionAt(parsed.tooDeepAt), message }], broken: true, advice };
  }
  // `uniqueKeys` is left to the tree: the library compares each key with each other one.
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, schema: 'core', version: '1.2' });
  const documents = [...composer.compose(parsed.tokens, true, text.length)];
  const [document, second] = documents;
  const faults = syntaxFaults(documents, text, positionAt);
  const broken = faults.length > 0;
  if (document === undefined || isEmpty(document)) {
    if (!broken)
      faults.push({ path: [], position: { line: 1, column: 1 }, message: `is empty: it needs at least ${leastKeys}` });
    if (second === undefined) return { faults, broken };
  }
  if (second !== undefined) {
    const message = `has ${documents.length} documents, and one is read: join them, or remove the line "---"`;
    faults.push({ path: [], position: positionAt(second.range[0]), message });
  }
  if (document === undefined || isEmpty(document)) return { faults, broken };
  const reader = new TreeReader(positionAt, endsOfUnclosedQuotes(document));
  const tree = reader.read(document.contents, []);
  const all = [...faults, ...reader.faults];
  if (reader.aliasBombAt !== undefined) return { faults: all, broken, aliasBombAt: reader.aliasBombAt };
  const place = { path: [], position: { line: 1, column: 1 } };
  return { root: { place, tree }, faults: all, broken };
}

function isEmpty(document: Document.Parsed): boolean {
  return document.contents === null || (isScalar(document.contents) && document.contents.value === null);
}

function parseTokens(text: string, lines: LineCounter): { tokens: CST.Token[] } | { tooDeepAt: number } {
  const tokens: CST.Token[] = [];
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let extraordinary = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      const isOrdinary = token.type !== 'error' && token.type !== 'directive';
      if (isOrdinary || ++extraordinary <= mostSyntaxFaults) tokens.push(token);
    }
    if (parser.stack.length > mostLevels) return { tooDeepAt: parser.offset };
  }
  tokens.push(...parser.end());
  return { tokens };
}

/** One fault a line: further ones in the same line are mostly its consequence. */
function syntaxFaults(
  documents: readonly Document.Parsed[],
  text: string,
  positionAt: (offset: number) => Position,
): Fault[] {
  const faults = new Map<number, Fault>();
  const add = (offset: number, message: string, suggestion?: string) => {
    const position = positionAt(offset);
    if (faults.size >= mostSyntaxFaults || faults.has(position.line)) return;
    faults.set(position.line, { path: [], position, message, ...(suggestion === undefined ? {} : { suggestion }) });
  };
  for (const { errors, warnings, directives } of documents) {
    if (directives.yaml.version !== '1.2' && directives.yaml.explicit === true) {
      add(Math.max(0, text.indexOf('%YAML')), 'is read as YAML 1.2: remove the line that begins with %YAML');
    }
    for (const { code, pos, message } of [...errors, ...warnings]) {
      // Unknown tags are only warned of; the tree's reader tells of all tags, with their paths.
      if (code === 'TAG_RESOLVE_FAILED') continue;
      add(pos[0], `is not YAML: ${withoutQuotation(message)}`, unquotedReference(text, pos[0]));
    }
  }
  return [...faults.values()];
}

/** `{ password: ${env:NAME} }` without quotes begins a map within a map. */
function unquotedReference(text: string, offset: number): string | undefined {
  const end = text.indexOf('\n', offset);
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, end === -1 ? undefined : end).slice(0, 1000);
  return /[^"']\$\{\w+:/.test(line) ? 'put references such as "${env:NAME}" in quotes' : undefined;
}

/** Where quotes that are never closed end: the library reports those places, which say nothing of where they begin. */
function endsOfUnclosedQuotes({ errors }: Document.Parsed): ReadonlySet<number> {
  return new Set(errors.filter(({ message }) => message.startsWith('Missing closing')).map(({ pos }) => pos[0]));
}

/** The library's words, without what it quotes from the file: that may be part of a secret. */
function withoutQuotation(message: string): string {
  if (message.startsWith('Missing closing')) return 'a closing quote is missing';
  const [words = ''] = message.split(/(?<=\w): | ["'`]|\n/);
  return printable(words).slice(0, 200);
}

const coreTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);
/** What no terminal and no AWS name holds; line breaks and tabs are left to the schema. */
// oxlint-disable-next-line no-control-regex -- finding them is the purpose
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/;

class TreeReader {
  readonly faults: Fault[] = [];
  aliasBombAt: Position | undefined;
  private readonly positionAt: (offset: number) => Position;
  private readonly unclosedQuotes: ReadonlySet<number>;
  private readonly anchors = new Map<string, ParsedNode>();
  /** Nodes whose children are being read: an alias to one of them would never end. */
  private readonly open = new Set<ParsedNode>();
  private aliasDepth = 0;
  private aliasedNodes = 0;

  constructor(positionAt: (offset: number) => Position, unclosedQuotes: ReadonlySet<number>) {
    this.positionAt = positionAt;
    this.unclosedQuotes = unclosedQuotes;
  }

  read(node: ParsedNode | null, path: Path): Tree {
    if (node === null || this.aliasBombAt !== undefined) return { kind: 'scalar', value: null };
    const position = this.positionAt(node.range[0]);
    if (this.aliasDepth > 0 && ++this.aliasedNodes > mostAliasedNodes) {
      this.aliasBombAt = position;
      return { kind: 'scalar', value: null };
    }
    if (isAlias(node)) return this.readAlias(node.source, position, path);
    if (node.anchor !== undefined && this.aliasDepth === 0) this.anchors.set(node.anchor, node);
    if (node.tag !== undefined && !coreTags.has(node.tag)) {
      this.fault(path, position, 'has a tag, and tags are not read: text that begins with "!" needs quotes');
      return { kind: 'scalar', value: null };
    }
    if (isScalar(node) && this.unclosedQuotes.has(node.range[1])) {
      this.fault(path, position, 'begins with a quote that is never closed');
      return { kind: 'scalar', value: null };
    }
    if (isScalar(node)) return this.readScalar(node.value, position, path);
    this.open.add(node);
    const tree = isSeq(node)
      ? this.readList(node.items, path, position)
      : this.readMap(isMap(node) ? node.items : [], path);
    this.open.delete(node);
    return tree;
  }

  private readScalar(value: unknown, position: Position, path: Path): Tree {
    if (typeof value === 'string' && control.test(value)) {
      this.fault(path, position, `holds the control character ${printable(control.exec(value)?.[0] ?? '')}`);
      return { kind: 'scalar', value: null };
    }
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return { kind: 'scalar', value };
    }
    this.fault(path, position, 'must be text, a number, true, false, a list or a map');
    return { kind: 'scalar', value: null };
  }

  private readAlias(name: string, position: Position, path: Path): Tree {
    const target = this.anchors.get(name);
    if (target === undefined) {
      this.fault(
        path,
        position,
        'refers to an anchor that is not set before it: text that begins with "*" needs quotes',
      );
      return { kind: 'scalar', value: null };
    }
    if (this.open.has(target) || path.length > mostLevels) {
      this.fault(path, position, 'contains itself through an alias');
      return { kind: 'scalar', value: null };
    }
    this.aliasDepth++;
    const tree = this.read(target, path);
    this.aliasDepth--;
    return tree;
  }

  private readList(items: readonly (ParsedNode | { key: unknown })[], path: Path, listAt: Position): Tree {
    const entries = items.map((item, index): Entry => {
      const itemPath = [...path, index];
      if ('key' in item) return { place: this.place(itemPath, listAt), tree: { kind: 'scalar', value: null } };
      return { place: this.place(itemPath, this.positionAt(item.range[0])), tree: this.read(item, itemPath) };
    });
    return { kind: 'list', items: entries };
  }

  private readMap(items: readonly { key: ParsedNode; value: ParsedNode | null }[], path: Path): Tree {
    const entries = new Map<string, Entry>();
    for (const { key: keyNode, value } of items) {
      const position = this.positionAt(keyNode.range[0]);
      const key = this.readKey(keyNode, position, path);
      if (key === undefined) continue;
      const entryPath = [...path, key];
      const earlier = entries.get(key)?.place.position;
      if (earlier !== undefined) {
        this.fault(entryPath, position, `is set twice: first in line ${earlier.line}, column ${earlier.column}`);
      }
      const entry = { place: this.place(entryPath, position), tree: this.read(value, entryPath) };
      if (earlier === undefined) entries.set(key, entry);
      if (this.aliasBombAt !== undefined) break;
    }
    return { kind: 'map', entries };
  }

  private readKey(node: ParsedNode, position: Position, path: Path): string | undefined {
    if (!isScalar(node)) {
      this.fault(path, position, 'has a key that is no plain word');
      return undefined;
    }
    const key = typeof node.value === 'string' ? node.value : (node.source ?? '');
    if (key === '') {
      this.fault(path, position, 'has a value without a key');
      return undefined;
    }
    if (key === '<<') {
      this.fault(
        [...path, key],
        position,
        'is not read: YAML 1.2 has no merge keys, and "environments" holds variants',
      );
      return undefined;
    }
    return key;
  }

  private place(path: Path, position: Position): Entry['place'] {
    return { path, position };
  }

  private fault(path: Path, position: Position, message: string): void {
    this.faults.push({ path, position, message });
  }
}
