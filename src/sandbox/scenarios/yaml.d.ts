/** A scenario's file, imported as text: by the bundler's module type, and by a plugin under vitest. */
declare module '*.yaml' {
  const text: string;
  export default text;
}
