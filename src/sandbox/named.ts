/**
 * What a team names itself, in a simulation: calls reach the simulated AWS; programs and addresses of theirs nothing leaves the
 * process for, so that they are not known.
 */
import { CloudError } from '../cloud/errors.ts';
import type { NamedDeeds, NamedLooks, NamedProgram } from '../cloud/named.ts';

export function simulatedNamed(call: NamedLooks['call']): NamedLooks {
  return {
    call,
    program: refusedProgram,
    address: ({ url }) => Promise.reject(notHere('address', new URL(url).host)),
  };
}

/** A program that changes something: what its author says that it does there. `send`: as a client that may do that and nothing else. */
export function simulatedProgram(send: NamedDeeds['call']): NamedDeeds['program'] {
  return (program) => (program.simulated === undefined ? refusedProgram(program) : send(program.simulated));
}

function refusedProgram({ exec: [program = ''] }: NamedProgram): Promise<never> {
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
    nextStep:
      'say what it would answer or do there (simulated: …); or rehearse it with --dry-run on the stack itself; or start it against a simulated AWS: nanoops sandbox serve',
  });
}
