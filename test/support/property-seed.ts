/**
 * Property tests draw the same values in every run, so that a change is judged and not luck. FAST_CHECK_SEED=<number>
 * draws others: to search, or to repeat a find.
 */
import { configureGlobal } from 'fast-check';

configureGlobal({ seed: Number(process.env['FAST_CHECK_SEED'] ?? 20_261_123) });
