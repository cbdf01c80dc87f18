/** What linting a recovery comes to: one check a rule, with what speaks for it. Plain data, as the report's document has it. */

export type LintStatus = 'ok' | 'warning' | 'breach' | 'unknown' | 'not-configured';

/** What a rule found it in: a step (`nanoops:<step id>`), a key of the configuration, a variable. */
export interface LintEvidence {
  readonly source: string;
  /** The region that it is about. */
  readonly region: string;
  /** One line. */
  readonly detail: string;
}

export interface LintCheck {
  readonly id: `lint-${string}`;
  readonly title: string;
  readonly area: 'path' | 'switches' | 'stores' | 'credentials' | 'sinks' | 'endpoints' | 'traps';
  /** How bad it is where it is broken. */
  readonly severity: 'critical' | 'warning' | 'info';
  readonly status: LintStatus;
  /** One line. */
  readonly summary: string;
  /** What to change; absent where nothing has to be. */
  readonly nextStep?: string;
  readonly evidence: readonly LintEvidence[];
}

const order: readonly LintStatus[] = ['ok', 'not-configured', 'unknown', 'warning', 'breach'];

/** The gravest of some; `ok` for none. */
export function gravest(statuses: readonly LintStatus[]): LintStatus {
  return statuses.reduce<LintStatus>(
    (worst, each) => (order.indexOf(each) > order.indexOf(worst) ? each : worst),
    'ok',
  );
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** `1 step`, `2 steps`. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/** Whether a text names a region, or one of its availability zones, as a word of its own: `--region us-west-2`, `db.us-west-2.rds…`. */
export function namesRegion(text: string, region: string): boolean {
  return new RegExp(`(?<![a-z0-9-])${region}[a-z]?(?![a-z0-9-])`, 'i').test(text);
}
