/**
 * What `import … from 'nanoops'` gives: what a team writes runbooks and checks of its own with. These are the very modules that the
 * built-in ones are made of. Contacts nothing, and loads neither an SDK nor a terminal.
 */
export { breach, notConfigured, ok, seenIn, unknown, warning } from './checks/judged.ts';
export { part, unlessConfigured } from './cloud/configured.ts';
export { settled } from './engine/step.ts';
export { check, look } from './own/check.ts';
export { conclude, runbook } from './own/runbook.ts';
export { act, approve, decide, manual, observe, verify, verifyMeasured, wait, waitMeasured } from './own/kit.ts';
export { databaseResource, notify, serviceResource } from './runbooks/kit.ts';

export type { AnyCheck, CheckArea, CheckSeverity, CheckStatus, CheckTold } from './checks/check.ts';
export type { Judged } from './checks/judged.ts';
export type { CheckSettings, OwnCheckPorts } from './checks/kit.ts';
export type { Facts } from './cloud/facts.ts';
export type { Changes } from './cloud/changes.ts';
export type { NamedAddress, NamedCall, NamedDeeds, NamedLooks, NamedProgram } from './cloud/named.ts';
export type { RegionalStack, Stack } from './cloud/stack.ts';
export type { Change, Look, LookState, Risk } from './engine/change.ts';
export type { Polled, Settled } from './engine/step.ts';
export type { OwnCheckDefinition } from './own/check.ts';
export type { Finding, RunbookDefinition, RunbookStep } from './own/runbook.ts';
export type { AnyRunbook, Message, OwnActPorts, OwnPorts, RunbookSettings } from './runbooks/kit.ts';
