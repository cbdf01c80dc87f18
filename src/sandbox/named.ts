/**
 * What a team names itself, in a simulation: calls reach the simulated AWS; programs and addresses of theirs nothing leaves the
 * process for, so that they are not known.
 */
import { CloudError } from '../cloud/errors.ts';
import type { NamedLooks, NamedProgram } from '../cloud/named.ts';

export function simulatedNamed(call: NamedLooks['call']): NamedLooks {
  return {
    call,
    program: refusedProgram,
    address: ({ url }) => Promise.reject(notHere('address', new URL(url).host)),
  };
}

/** Of a program that looks, and of one that changes something. */
export function refusedProgram({ exec: [program = ''] }: NamedProgram): Promise<never> {
  return Promise.reject(notHere('program', program));
}

function notHere(what: 'program' | 'address', name: string): CloudError {
  const did = what === 'program' ? 'started' : 'asked';
  return new CloudError('not-simulated', `${name}: nothing of yours is ${did} in a simulation`, {
    service: 'outside',
    operation: what,
    region: '',
    iamAction: '',
    resource: name,
    sent: false,
    nextStep: 'say what it would answer there (simulated: …), or try it with --dry-run on the stack itself',
  });
}
