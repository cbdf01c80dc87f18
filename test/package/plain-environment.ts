/** The environment in which tests, and the processes that they start, run: a machine without an account or a terminal. */

const unwanted = [
  /^AWS_/u,
  // How much the tests try is theirs to know (`test/support/tier.ts`).
  /^NANOOPS_(?!TESTS$)/u,
  /^(?:NO_COLOR|FORCE_COLOR|COLUMNS|NODE_OPTIONS)$/u,
  // Adds 70 ms to every start of Node 20, and no test talks TLS to a stranger.
  /^NODE_EXTRA_CA_CERTS$/u,
];

/** Changes `environment` in place. */
export function plainEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) {
    if (unwanted.some((pattern) => pattern.test(name))) delete environment[name];
  }
  environment.TZ = 'UTC';
  environment.AWS_CONFIG_FILE = '/nonexistent/aws-config';
  environment.AWS_SHARED_CREDENTIALS_FILE = '/nonexistent/aws-credentials';
  environment.AWS_EC2_METADATA_DISABLED = 'true';
}
