/** Command lines of the AWS CLI that a person can type as they are. */
import { shellLine } from './../cloud/shell-line.ts';

/** What it does, its options by their names, and what reaches the same account. An empty value is a switch. */
export function awsCommand(
  action: string,
  options: Readonly<Record<string, string | readonly string[] | undefined>>,
  awsOptions: readonly string[],
): string {
  const flags = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const values = typeof value === 'string' ? [value] : value;
    return [`--${name}`, ...values.filter((each) => each !== '')];
  });
  return shellLine('aws', ...action.split(' '), ...flags, ...awsOptions);
}
