/** The end of a command's help: what to type, and what its exit codes mean. `help-layout.ts` fits it to the screen. */

/** `exits` absent: of a word that has subcommands, which have their own. */
export function examples(lines: readonly (readonly [command: string, what: string])[], exits?: string): string {
  const shown = lines.map(([command, what]) => (what === '' ? `  ${command}` : `  ${command}  ${what}`));
  return ['', 'Examples:', ...shown, ...(exits === undefined ? [] : ['', `Exit codes: ${exits}`])].join('\n');
}
