/** A configuration that nobody named: where it could start programs or have secrets sent, it has to be the user's own. */
import { basename } from 'node:path';
import type { CommonFlags } from '../../commands/flags.ts';
import { isSecretRef } from '../../config/secrets.ts';
import type { Io } from '../io.ts';

/** True where the configuration was typed on this command line: that is consent to what it holds. */
export function isNamed({ config, isConfigKept = false }: CommonFlags): boolean {
  return config !== undefined && !isConfigKept;
}

/**
 * Before anything of it is used.
 *
 * @throws NanoopsError `OwnFileOfSomebodyElse`
 */
export async function refuseStrangersConfig(
  { config, file }: { readonly config: object; readonly file?: string | undefined },
  flags: CommonFlags,
  io: Pick<Io, 'cwd' | 'env'>,
): Promise<void> {
  if (file === undefined || isNamed(flags)) return;
  const use = useOf(config);
  if (use === undefined) return;
  const { refuseStrangers } = await import('./owner.ts');
  const shown = basename(file);
  await refuseStrangers({ config: file, shown, isKept: flags.isConfigKept === true, ...uses[use] }, io);
}

const uses = {
  programs: {
    refusal: 'names programs, and is not used',
    risk: 'what it holds would run with your rights',
  },
  secrets: {
    refusal: 'refers to secrets, and is not used',
    risk: 'the secrets would be read with your rights, and sent where it says',
  },
} as const;

/** What of the user's rights a configuration takes: of both, programs. */
function useOf(value: unknown): keyof typeof uses | undefined {
  if (isSecretRef(value)) return 'secrets';
  if (typeof value !== 'object' || value === null) return undefined;
  const found = Object.entries(value).map(([name, member]) =>
    name === 'exec' && Array.isArray(member) ? 'programs' : useOf(member),
  );
  return found.find((each) => each === 'programs') ?? found.find((each) => each !== undefined);
}
