/**
 * What a journal is of: a run, or an incident. Both are kept in one form; they differ in where they lie and in what is to
 * be said and done where one is missing, damaged or written by two.
 */

export interface JournalKind {
  readonly noun: 'run' | 'incident';
  /** The folder that holds one for each, and the partition of a table that lists them. */
  readonly plural: 'runs' | 'incidents';
  /** Before the id in the names of a table's partitions: of the records, and of the parts of those too large for an item. */
  readonly partitions: { readonly records: string; readonly parts: string };
  /** What to type where there is none of that id. */
  readonly list: string;
  /** Who tells how one stands. */
  readonly show: (id: string) => string;
  /** What else to do where one cannot be read any more. */
  readonly elsewhere: string;
}

export const runJournals: JournalKind = {
  noun: 'run',
  plural: 'runs',
  partitions: { records: 'journal#', parts: 'parts#' },
  list: 'nanoops runs list names the runs that are there',
  show: (id) => `nanoops runs show ${id} tells who goes on with it`,
  elsewhere: 'or look at AWS itself for what the run did (CloudTrail) and start a new run',
};

export const incidentJournals: JournalKind = {
  noun: 'incident',
  plural: 'incidents',
  partitions: { records: 'incident#', parts: 'incident-parts#' },
  list: 'nanoops incident list names the incidents that are there',
  show: (id) => `nanoops incident show ${id} tells how it stands; then type it again`,
  elsewhere: 'or open a new one and note there what is known: nanoops incident open',
};
