/** The inside of an `<Error>` element, which all XML protocols share: code, message, and the error's own members. */
import type { StaticStructureSchema } from '@smithy/types';
import { NormalizedSchema } from '@smithy/core/schema';
import { membersOf, structure, textMember } from '../schema.ts';
import type { ServiceFault } from '../service.ts';

const COMMON = ['Code', 'Message', 'message'];

/** `extra`: further texts that the protocol wants inside. */
export function faultStructure(name: string, fault: ServiceFault, extra: readonly string[]): StaticStructureSchema {
  const own = fault.detail === undefined ? [] : membersOf(NormalizedSchema.of(fault.detail.schema));
  return structure(name, [
    ...[...extra, 'Code', 'Message'].map(textMember),
    ...own.filter(([member]) => !COMMON.includes(member) && !extra.includes(member)),
  ]);
}

export function faultMembers(fault: ServiceFault): Readonly<Record<string, unknown>> {
  return { ...fault.detail?.members, Code: fault.code, Message: fault.message };
}
