/** What the package says of itself in its README; it ships no types. */
declare module 'asl-validator' {
  export default function validate(machine: object): {
    readonly isValid: boolean;
    readonly errorsText: (separator: string) => string;
  };
}
