/** IAM policies as a CloudFormation template. */
import type { PolicyReport } from './policy-schemas.ts';

/** JSON, which CloudFormation takes as well as YAML. */
export function policyTemplate({ policies, commands, runbooks }: PolicyReport): object {
  const entries = policies.map(({ document }, index) => {
    const id = policies.length === 1 ? 'NanoopsPolicy' : `NanoopsPolicy${index + 1}`;
    return { id, document };
  });
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: described(commands, runbooks),
    Resources: Object.fromEntries(
      entries.map(({ id, document }) => [
        id,
        {
          Type: 'AWS::IAM::ManagedPolicy',
          Properties: { Description: 'What nanoops needs, and nothing else', PolicyDocument: document },
        },
      ]),
    ),
    Outputs: Object.fromEntries(
      entries.map(({ id }) => [
        `${id}Arn`,
        { Description: 'Attach it to the role that runs nanoops', Value: { Ref: id } },
      ]),
    ),
  };
}

/** A template's description has so many bytes at most (AWS CloudFormation User Guide, "Description"). */
const longestDescription = 1_024;

function described(commands: readonly string[], runbooks: readonly string[]): string {
  const text = [
    `What nanoops needs${commands.length > 0 ? ` for ${commands.join(', ')}` : ''}`,
    ...(runbooks.length > 0 ? [`runbooks: ${runbooks.join(', ')}`] : []),
  ].join('; ');
  return text.length > longestDescription ? `${text.slice(0, longestDescription - 1)}\u2026`.slice(0, 1_000) : text;
}
