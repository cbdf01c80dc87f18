/** Something that was looked for: found, or not, and then why. `skipped` means that there was nothing to look at. */
export type Known<T> =
  | { readonly known: true; readonly value: T }
  | {
      readonly known: false;
      readonly because: 'skipped' | 'unknown';
      readonly reason: string;
      /** The class of the error behind it, and what to do about it, where they are known. */
      readonly errorClass?: string;
      readonly nextStep?: string;
    };

export function valueOf<T>(known: Known<T>): T | undefined {
  return known.known ? known.value : undefined;
}
