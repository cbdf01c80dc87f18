/** The hash by which nanoops tells whether something is as it was: of journals, plans and files. */
import { hash } from 'node:crypto';
import type { Digest } from '../engine/change.ts';

/** Hexadecimal digits. */
export const sha256: Digest = (text) => hash('sha256', text, 'hex');
