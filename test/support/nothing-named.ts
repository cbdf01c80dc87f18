/** For what must ask and start nothing that a team names itself: whoever does is a defect. */
import type { NamedDeeds, NamedLooks } from '../../src/cloud/named.ts';

const refuse = () => Promise.reject(new Error('not to be asked'));

export const nothingNamed: NamedLooks = { call: refuse, program: refuse, address: refuse };
export const nothingDone: NamedDeeds = { call: refuse, program: refuse };
