/** The end of a command's help: what to type, and what its exit codes mean. */

/** `exits` absent: of a word that has subcommands, which have their own. */
export function examples(lines: readonly (readonly [command: string, what: string])[], exits?: string): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const shown = lines.map(([command, what]) => `  ${what === '' ? command : `${command.padEnd(width)}  ${what}`}`);
  return ['', 'Examples:', ...shown, ...(exits === undefined ? [] : ['', `Exit codes: ${exits}`])].join('\n');
}
