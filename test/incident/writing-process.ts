/**
 * A process that writes notes into an incident, for the race of several: `node … files <folder> <id> <name> <count>`, or
 * `node … table <endpoint> <table> <id> <name> <count>`.
 */
import { openDynamoState } from '../../src/aws/state/dynamodb-state.ts';
import { sha256 } from '../../src/composition/identity.ts';
import { systemClock } from '../../src/composition/system-clock.ts';
import type { JournalStore } from '../../src/engine/journal-store.ts';
import type { IncidentEvent } from '../../src/incident/events.ts';
import { fileJournalStore } from '../../src/state/file-journal.ts';
import { incidentJournals } from '../../src/state/journal-kind.ts';
import { IncidentBook } from '../../src/use-cases/incidents/book.ts';

const [kind, ...words] = process.argv.slice(2);
const isTable = kind === 'table';
const [place = '', table = ''] = words;
const [id = '', name = '', count = ''] = words.slice(isTable ? 2 : 1);

const state = isTable
  ? openDynamoState({
      table,
      region: 'us-west-2',
      clock: systemClock,
      random: Math.random,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      endpointUrl: place,
    })
  : undefined;
const store: JournalStore<IncidentEvent> = state?.incidents ?? fileJournalStore(place, incidentJournals);
const book = new IncidentBook({
  stores: { own: store, all: [store] },
  isSimulated: !isTable,
  digest: sha256,
  random: Math.random,
  by: name,
  wall: () => Date.now(),
});

for (let written = 0; written < Number(count); written += 1) {
  const found = await book.find(id);
  await book.write(
    found,
    ({ lastAt }) => lastAt,
    () => [{ type: 'incident.noted', text: `${name} ${written}` }],
  );
}
state?.close();
