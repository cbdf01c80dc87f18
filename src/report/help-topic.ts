/** The names of the pages of help that are of no one command. */
export type HelpTopic = 'exit-codes' | 'configuration' | 'output' | 'environment' | 'own-runbooks';
