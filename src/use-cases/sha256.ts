/** The hash by which nanoops tells whether something is as it was: of journals, plans and files. */
import { createHash } from 'node:crypto';
import type { Digest } from '../engine/change.ts';

/** Hexadecimal digits. */
export const sha256: Digest = (text) => createHash('sha256').update(text, 'utf8').digest('hex');
