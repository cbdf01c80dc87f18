/**
 * Ids of incidents: the day and a word, `1126-tango`. They are said on the phone and typed at night, so that each word is
 * short, told from the others by its sound, and of no other meaning here.
 */

const words = [
  ...['acorn', 'amber', 'anchor', 'apple', 'badger', 'bamboo', 'basil', 'beacon', 'birch', 'bison', 'candle', 'canyon'],
  ...[
    'cedar',
    'cherry',
    'cobalt',
    'copper',
    'coral',
    'daisy',
    'dolphin',
    'dragon',
    'ember',
    'falcon',
    'fennel',
    'fiddle',
  ],
  ...[
    'garnet',
    'ginger',
    'glacier',
    'granite',
    'hazel',
    'heron',
    'honey',
    'indigo',
    'island',
    'ivory',
    'jasmine',
    'juniper',
  ],
  ...['kiwi', 'lagoon', 'lantern', 'lemon', 'lilac', 'lotus', 'magnet', 'mango', 'maple', 'marble', 'meadow', 'nectar'],
  ...['nutmeg', 'ocean', 'olive', 'orchid', 'otter', 'papaya', 'pebble', 'pepper', 'pigeon', 'piano', 'plum', 'quartz'],
  ...[
    'rabbit',
    'raven',
    'ribbon',
    'river',
    'saffron',
    'salmon',
    'sparrow',
    'sunset',
    'tango',
    'thistle',
    'tiger',
    'timber',
  ],
  ...[
    'topaz',
    'tulip',
    'turtle',
    'umbrella',
    'vanilla',
    'velvet',
    'violet',
    'walnut',
    'willow',
    'window',
    'yellow',
    'zebra',
  ],
] as const;

/** Ids for an incident of a time, each another, in an order of chance; of none are there more. */
export function* idsFor(atMs: number, random: () => number): Generator<string, void> {
  const day = new Date(atMs).toISOString().slice(5, 10).replace('-', '');
  const left = [...words];
  while (left.length > 0) {
    const [word] = left.splice(Math.floor(random() * left.length), 1);
    yield `${day}-${word}`;
  }
}

/** Those that somebody may mean: the very id, else those that begin so, or whose word does. */
export function meantBy(text: string, ids: readonly string[]): readonly string[] {
  const typed = text.trim().toLowerCase();
  const exact = ids.filter((id) => id === typed);
  if (exact.length > 0 || typed === '') return exact;
  return ids.filter((id) => id.startsWith(typed) || id.slice(id.indexOf('-') + 1).startsWith(typed));
}

/** True of what can only be the id of an incident: day and word. */
export function isIncidentId(text: string): boolean {
  const [, word = ''] = /^\d{4}-([a-z]+)$/.exec(text.toLowerCase()) ?? [];
  return words.some((each) => each === word);
}
