/** Whether an error says that the stack could not be seen, which ends nothing that is done with an incident. */
import { CloudError } from '../../cloud/errors.ts';
import { DeadlineError } from '../../engine/errors.ts';

export function isUnseen(error: unknown): error is Error {
  return error instanceof CloudError || error instanceof DeadlineError;
}
