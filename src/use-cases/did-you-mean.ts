/** What a mistyped word was most likely meant to be. */
export { didYouMean } from '../config/nearest.ts';
