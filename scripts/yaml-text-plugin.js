/**
 * Turns imports of `*.yaml` files into their text, for vitest. The bundler does the same with
 * `moduleTypes: { '.yaml': 'text' }`.
 */

/** @returns {{ name: string, enforce: 'pre', transform(code: string, id: string): { code: string, map: null } | undefined }} */
export function yamlText() {
  return {
    name: 'yaml-text',
    enforce: 'pre',
    transform(code, id) {
      if (!/\.yaml(?:\?|$)/.test(id)) return undefined;
      return { code: `export default ${JSON.stringify(code)};`, map: null };
    },
  };
}
