/** Curves of block characters, one cell a value. */

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** `heights`: each between 0 and 1. */
export function sparkline(heights: readonly number[]): string {
  return heights.map((height) => blocks[Math.min(blocks.length - 1, Math.floor(height * blocks.length))]).join('');
}
