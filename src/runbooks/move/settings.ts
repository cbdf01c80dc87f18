/** What a move between regions is told, and the same for the other direction. */
import type { MoveSettings, PastMoves, RecoveryRecord, RunbookSettings } from '../kit.ts';

export function moveOf({ move, runbook }: RunbookSettings): MoveSettings {
  if (move === undefined) throw new TypeError(`runbook "${runbook}" moves between regions, and was not told which`);
  return move;
}

/**
 * The same stack, the other way round. What was aimed for stays; a way back is always a switchover: there is time for it,
 * and nothing may be lost.
 */
export function reversed(settings: RunbookSettings): RunbookSettings {
  const move = moveOf(settings);
  const { outageAt: _outage, blackout: _blackout, ...rest } = move;
  return {
    ...settings,
    site: move.to,
    move: {
      ...rest,
      from: move.to,
      to: move.from,
      mode: 'switchover',
      isDrill: true,
      comesBack: false,
      past: move.pastBack,
      pastBack: move.past,
    },
  };
}

/** What past moves took that did the like to the database. */
export function pastMovesOf({ past }: MoveSettings, mode: RecoveryRecord['mode']): PastMoves {
  return past[mode === 'switchover' || mode === 'none' ? 'switchover' : 'failover'];
}

/** Whole durations for people: `45 s`, `12 min`, `1 h 5 min`. */
export function spanText(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 600 && seconds % 60 !== 0) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
