/** The exit code of each verdict. The same in every output format. */
export const exitCodes = {
  ok: 0,
  attention: 1,
  unknown: 3,
  failed: 5,
  interrupted: 130,
} as const;
