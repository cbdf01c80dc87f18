/** The simulation's seed, as given on the command line. */
import { NanoopsError } from '../errors.ts';

export function parseSeed(text: string | undefined): number {
  if (text === undefined) return 1;
  const seed = Number(text);
  if (/^\d{1,10}$/.test(text) && seed <= 0xffff_ffff) return seed;
  throw new NanoopsError(`--seed ${JSON.stringify(text)} is not a seed`, {
    code: 'InvalidSeed',
    exitCode: 2,
    nextStep: 'use a whole number from 0 to 4294967295',
  });
}
