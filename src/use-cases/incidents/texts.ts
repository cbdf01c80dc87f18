/** What somebody typed for an incident, made fit to be kept and, where customers read it, to be read by them. */
import { NanoopsError } from '../../errors.ts';
import { internalsIn } from '../../incident/public-text.ts';
import { withoutSecrets } from '../../diagnosis/secrets.ts';

const longest = 4_000;
const longestTitle = 200;

/** On one line where it is a title; without what nobody may read, whoever typed it. @throws NanoopsError `TextMissing`, `TextTooLong` */
export function keptText(text: string, what: string, limit = longest): string {
  // What moves a cursor or cannot be seen is no text.
  const shown = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (sign) => (sign === '\n' ? '\n' : ' ')).trim();
  if (shown === '') {
    throw new NanoopsError(`${what} is empty`, {
      code: 'TextMissing',
      exitCode: 2,
      nextStep: 'say it in a few words, in quotes',
    });
  }
  if (shown.length > limit) {
    throw new NanoopsError(`${what} is too long: ${shown.length} characters, of at most ${limit}`, {
      code: 'TextTooLong',
      exitCode: 2,
      nextStep: 'say it in fewer words, and put the rest where it can be linked to',
    });
  }
  return withoutSecrets(shown);
}

export function titleText(text: string): string {
  return keptText(text.replaceAll(/\s+/g, ' '), 'the title', longestTitle);
}

/** A title that nobody typed: what is too long is cut, since it keeps no incident from being opened. */
export function shortTitle(text: string): string {
  const kept = keptText(text.replaceAll(/\s+/g, ' '), 'the title', Number.POSITIVE_INFINITY);
  return kept.length <= longestTitle ? kept : `${kept.slice(0, longestTitle - 1).trimEnd()}…`;
}

/** Who does something: a name or an address, as people call each other. */
export function personText(text: string, what: string): string {
  const shown = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim();
  if (shown !== '' && shown.length <= 100) return shown;
  throw new NanoopsError(`${what}: ${shown === '' ? 'nobody is named' : 'that is no name, it is too long'}`, {
    code: 'TextMissing',
    exitCode: 2,
    nextStep: `name somebody: ${what} ana`,
  });
}

/** What customers read names nobody and nothing that is inside. @throws NanoopsError `InternalsInPublicText` */
export function publicText(text: string, names: readonly string[], people: readonly string[]): string {
  const kept = keptText(text, 'the public text');
  const found = internalsIn(kept, { names, people });
  if (found.length === 0) return kept;
  throw new NanoopsError('the public text holds what customers must not read', {
    code: 'InternalsInPublicText',
    exitCode: 2,
    details: found.map(({ text: part, what }) => `${JSON.stringify(part)} is ${what}`),
    nextStep: 'say it without: what customers notice, since when, and when they hear more',
  });
}
