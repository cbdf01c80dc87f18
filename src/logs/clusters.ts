/**
 * Clusters messages into templates by Drain: P. He, J. Zhu, Z. Zheng, M. R. Lyu, "Drain: An Online Log Parsing Approach with
 * Fixed Depth Tree", IEEE ICWS 2017. A tree leads by the number of words and by the first words to a few templates, the most
 * similar of which takes the message in; where words differ, the template gets a wildcard. One pass, the same lines in the
 * same order always give the same templates, and memory is bounded: of the tree, and of the templates.
 */

const wildcard = '<*>';

/** The paper's depth of four: the root, the length, and two words. */
const wordsInTree = 2;
/** The paper's similarity threshold: half of the words are the same. */
const leastSimilar = 0.5;
const mostChildren = 100;
export const mostTemplates = 1_000;
/** Of one length and beginning; each message is compared with all of them. */
const mostInLeaf = 100;
/** What tells messages apart stands well before. */
const mostWords = 120;

export interface Cluster {
  /** By the order in which they were found. */
  readonly number: number;
  readonly words: readonly string[];
}

interface Mutable {
  readonly number: number;
  words: readonly string[];
}

interface Node {
  readonly children: Map<string, Node>;
  readonly clusters: Mutable[];
}

const newNode = (): Node => ({ children: new Map(), clusters: [] });

export class Clusters {
  private readonly root = newNode();
  private readonly all: Mutable[] = [];

  /** Those found so far, in that order. Their words change as messages come. */
  get found(): readonly Cluster[] {
    return this.all;
  }

  /** The cluster that takes the words in; undefined where there is no room for another one. */
  add(all: readonly string[]): Cluster | undefined {
    const words = all.length > mostWords ? [...all.slice(0, mostWords), '\u2026'] : all;
    const leaf = this.leafOf(words);
    const best = mostSimilar(leaf.clusters, words);
    if (best !== undefined) {
      best.words = merged(best.words, words);
      return best;
    }
    if (this.all.length >= mostTemplates || leaf.clusters.length >= mostInLeaf) return undefined;
    const made: Mutable = { number: this.all.length, words };
    this.all.push(made);
    leaf.clusters.push(made);
    return made;
  }

  private leafOf(words: readonly string[]): Node {
    let node = childOf(this.root, String(words.length), Number.POSITIVE_INFINITY);
    for (const word of words.slice(0, wordsInTree)) {
      // A word with a variable in it says nothing of the kind of message.
      node = childOf(node, word.includes('<') ? wildcard : word, mostChildren);
    }
    return node;
  }
}

function childOf(node: Node, key: string, most: number): Node {
  const known = node.children.get(key);
  if (known !== undefined) return known;
  const name = node.children.size >= most - 1 ? wildcard : key;
  const child = node.children.get(name) ?? newNode();
  node.children.set(name, child);
  return child;
}

/** Of equals the one found first. */
function mostSimilar(clusters: readonly Mutable[], words: readonly string[]): Mutable | undefined {
  const least = Math.ceil(words.length * leastSimilar);
  let best: Mutable | undefined;
  let most = least - 1;
  for (const cluster of clusters) {
    const same = alike(cluster.words, words, most + 1);
    if (same > most) [best, most] = [cluster, same];
  }
  return best;
}

/**
 * How many words are the same; a wildcard is the same as nothing. Both are of one length. Gives up, and says -1, as soon as
 * `wanted` cannot be reached any more.
 */
function alike(template: readonly string[], words: readonly string[], wanted: number): number {
  const spare = words.length - wanted;
  let different = 0;
  for (let at = 0; at < words.length; at += 1) {
    const word = template[at];
    if (word === words[at] && word !== wildcard) continue;
    different += 1;
    if (different > spare) return -1;
  }
  return words.length - different;
}

function merged(template: readonly string[], words: readonly string[]): readonly string[] {
  if (template.every((word, index) => word === words[index] || word === wildcard)) return template;
  return template.map((word, index) => (word === words[index] ? word : wildcard));
}
