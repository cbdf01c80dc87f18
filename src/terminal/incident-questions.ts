/** Asks for what an incident needs and nobody typed: how bad it is, and what it is called. */
import type { IncidentSeverity } from '../cloud/notifier.ts';
import { paletteOf } from './screen.ts';

export interface IncidentQuestions {
  readonly severities?: readonly { readonly value: IncidentSeverity; readonly title: string }[];
  readonly title: boolean;
}

export interface QuestionScreen {
  readonly stdin: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly color: boolean;
  readonly signal: AbortSignal;
  /** Called for Ctrl-C, which the terminal then does not make a signal of. */
  readonly interrupt: () => void;
}

/** Undefined where somebody left it. */
export async function askForIncident(
  { severities, title }: IncidentQuestions,
  { stdin, output, color, signal, interrupt }: QuestionScreen,
): Promise<{ readonly severity?: IncidentSeverity; readonly title?: string } | undefined> {
  const { select, input } = await import('@inquirer/prompts');
  const { strong } = paletteOf(color);
  const context = { input: stdin, output, signal };
  const theme = { prefix: strong('?') };
  try {
    const severity =
      severities === undefined
        ? undefined
        : await select(
            {
              message: 'How bad is it?',
              choices: severities.map((each) => ({ value: each.value, name: `${each.value}  ${each.title}` })),
              theme,
            },
            context,
          );
    const typed = title
      ? await input(
          { message: 'What is wrong, in one line?', validate: (text) => text.trim() !== '' || 'a few words', theme },
          context,
        )
      : undefined;
    return { severity, title: typed };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Error && error.name === 'ExitPromptError')) throw error;
    interrupt();
    signal.throwIfAborted();
    return undefined;
  }
}
