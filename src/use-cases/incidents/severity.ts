/** How a severity is written: `SEV-1`, and what people type for it. */
import type { IncidentSeverity } from '../../cloud/notifier.ts';
import { severityLevels } from '../../cloud/severity-levels.ts';
import { NanoopsError } from '../../errors.ts';

const severities = Object.keys(severityLevels) as readonly IncidentSeverity[]; // The record has no other keys.

/** Each with what it means, for whoever has to choose. */
export function severityChoices(): readonly { readonly value: IncidentSeverity; readonly title: string }[] {
  return severities.map((value) => ({ value, title: severityLevels[value].title }));
}

/** `sev1`, `SEV-1` and `1` are the same. @throws NanoopsError `UnknownSeverity` */
export function severityNamed(text: string): IncidentSeverity {
  const digit = /^(?:sev[- ]?)?([1-4])$/i.exec(text.trim())?.[1];
  const found = severities.find((severity) => severity === `SEV-${digit}`);
  if (found !== undefined) return found;
  throw new NanoopsError(`--severity ${JSON.stringify(text)}: there is no such severity`, {
    code: 'UnknownSeverity',
    exitCode: 2,
    details: severityChoices().map(({ value, title }) => `${value}  ${title}`),
    nextStep: `choose one of ${severities.join(', ')}`,
  });
}
