/** Which runbooks move the stack to another region, and how each is meant where nobody says otherwise. */

export type MoveKind = 'failover' | 'failback' | 'drill';

/** What is moved, and what is done to the database for it. */
export interface Move {
  readonly kind: MoveKind;
  readonly mode: 'switchover' | 'failover';
}

const runbooks = {
  failover: 'region-failover',
  failback: 'region-failback',
  drill: 'region-drill',
} as const satisfies Record<MoveKind, string>;

/** A failover is for a region that may be gone; the way back and a drill lose nothing. */
const modes = {
  failover: 'failover',
  failback: 'switchover',
  drill: 'switchover',
} as const satisfies Record<MoveKind, Move['mode']>;

/** The id of the runbook that makes a move. */
export function runbookOfMove<Kind extends MoveKind>(kind: Kind): (typeof runbooks)[Kind] {
  return runbooks[kind];
}

/** The move that a runbook makes; undefined for one that moves nothing. */
export function moveOfRunbook(runbook: string): Move | undefined {
  const kinds: readonly MoveKind[] = ['failover', 'failback', 'drill'];
  const kind = kinds.find((each) => runbooks[each] === runbook);
  return kind === undefined ? undefined : { kind, mode: modes[kind] };
}

/** A stranger's drill on the sandbox needs nobody: nothing that `--yes` agrees to can lose anything, even there. */
export function answersItself(runbook: string, sandbox: string | true | undefined): boolean {
  return runbook === runbooks.drill && sandbox !== undefined;
}
