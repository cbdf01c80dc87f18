/**
 * Errors that a person is to read. `main` turns them into an exit code and, for machines, into a `nanoops/error@1`
 * document; everything else that is thrown is a defect of nanoops.
 */
export interface NanoopsErrorOptions {
  /** PascalCase, stable, for scripts: `UnknownScenario`, `ConfigInvalid`. */
  readonly code: string;
  readonly exitCode: 2 | 3 | 4 | 5 | 6 | 130;
  /** One line a fault, where there are several. */
  readonly details?: readonly string[];
  /** What to do or type next. */
  readonly nextStep: string;
  readonly cause?: unknown;
}

export class NanoopsError extends Error {
  override readonly name = 'NanoopsError';
  readonly code: string;
  readonly exitCode: NanoopsErrorOptions['exitCode'];
  readonly details: readonly string[];
  readonly nextStep: string;

  constructor(message: string, options: NanoopsErrorOptions) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.exitCode = options.exitCode;
    this.details = options.details ?? [];
    this.nextStep = options.nextStep;
  }
}
