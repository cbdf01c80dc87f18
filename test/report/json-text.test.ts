import { expect, test } from 'vitest';

import { jsonPieces, jsonText } from '../../src/report/json-text.ts';

test.each<[string, { readonly services: readonly object[]; readonly [name: string]: unknown }]>([
  ['none', { schema: 'a', services: [], api: { calls: 1 } }],
  ['one', { schema: 'a', services: [{ id: 'x', checks: [{ a: [1, 2] }, {}] }], api: { calls: 1 } }],
  ['many, and nothing after', { exitCode: 0, services: [{ id: 'x' }, { id: 'y', text: 'a\nb' }, {}] }],
  [
    'texts that look like the list',
    { note: '\n  "services": []', services: [{ id: '\n  "services": [' }], nested: { services: [] } },
  ],
  ['what a terminal acts on', { services: [{ id: '\u009b31m\u202e' }] }],
])('in pieces it is the same text: %s', (_what, document) => {
  expect([...jsonPieces(document, 'services')].join('')).toBe(jsonText(document, 2));
});
