/**
 * Simulated routing controls of Amazon Application Recovery Controller, as each of a cluster's five regional endpoints
 * tells and throws them (Routing Control API Reference). Safety rules are not simulated.
 */
import {
  EndpointTemporarilyUnavailableException$,
  GetRoutingControlState$,
  ListRoutingControls$,
  UpdateRoutingControlState$,
  UpdateRoutingControlStates$,
  type GetRoutingControlStateRequest,
  type GetRoutingControlStateResponse,
  type ListRoutingControlsRequest,
  type ListRoutingControlsResponse,
  type UpdateRoutingControlStateRequest,
  type UpdateRoutingControlStateResponse,
  type UpdateRoutingControlStatesRequest,
  type UpdateRoutingControlStatesResponse,
} from '@aws-sdk/client-route53-recovery-cluster';
import { controlStateAt, withControls, type RoutingControl } from '../world/traffic-state.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { operation, pageOf } from './operation.ts';

const PAGE_SIZE = 500;

export function routingControlService(world: World): SimulatedService {
  const controlOf = (arn: string | undefined): RoutingControl => {
    const found = world.inventory.traffic.controls.find((each) => each.arn === arn);
    if (found !== undefined) return found;
    throw new ServiceFault('ResourceNotFoundException', `Routing control ${arn ?? ''} was not found.`, 404);
  };
  const described = (control: RoutingControl) => ({
    RoutingControlArn: control.arn,
    RoutingControlName: `${world.inventory.names.service}-${control.region}`,
    RoutingControlState: stateOf(control, world.now()),
  });
  const throwSwitches = (states: ReadonlyMap<string, 'on' | 'off'>, { operation: name, region }: CallContext): void => {
    const detail = [...states].map(([arn, state]) => `${controlOf(arn).region} ${state}`).join(', ');
    world.change(
      {
        operation: `route53-recovery-cluster:${name}`,
        region,
        resource: panelOf([...states.keys()][0] ?? ''),
        detail,
      },
      (inventory) => withControls(inventory, states, world.now()),
    );
  };
  return {
    service: 'route53-recovery-cluster',
    signingName: 'route53-recovery-cluster',
    protocol: 'json-1.0',
    target: 'ToggleCustomerAPI',
    operations: [
      operation<GetRoutingControlStateRequest, GetRoutingControlStateResponse>(GetRoutingControlState$, (input) =>
        described(controlOf(input.RoutingControlArn)),
      ),
      operation<ListRoutingControlsRequest, ListRoutingControlsResponse>(ListRoutingControls$, (input) => {
        const { ControlPanelArn: panel, MaxResults, NextToken } = input;
        const controls = world.inventory.traffic.controls.filter(
          ({ arn }) => panel === undefined || panelOf(arn) === panel,
        );
        const page = pageOf(controls, MaxResults ?? PAGE_SIZE, NextToken);
        if (page === undefined) throw invalid('NextToken is not one of this list.');
        return {
          RoutingControls: page.items.map((control) => ({
            ...described(control),
            ControlPanelArn: panelOf(control.arn),
            ControlPanelName: world.inventory.names.service,
            Owner: world.inventory.names.account,
          })),
          ...(page.next !== undefined && { NextToken: page.next }),
        };
      }),
      operation<UpdateRoutingControlStateRequest, UpdateRoutingControlStateResponse>(
        UpdateRoutingControlState$,
        (input, call) => {
          const { arn } = controlOf(input.RoutingControlArn);
          throwSwitches(new Map([[arn, wordOf(input.RoutingControlState)]]), call);
          return {};
        },
      ),
      operation<UpdateRoutingControlStatesRequest, UpdateRoutingControlStatesResponse>(
        UpdateRoutingControlStates$,
        (input, call) => {
          const entries = input.UpdateRoutingControlStateEntries ?? [];
          if (entries.length === 0) throw invalid('UpdateRoutingControlStateEntries must hold at least one entry.');
          const states = new Map(
            entries.map((entry) => [controlOf(entry.RoutingControlArn).arn, wordOf(entry.RoutingControlState)]),
          );
          throwSwitches(states, call);
          return {};
        },
      ),
    ],
  };
}

/** What an endpoint says while it cannot be used, for a script of fates: the next one is to be asked. */
export function endpointUnavailable(): ServiceFault {
  return new ServiceFault('EndpointTemporarilyUnavailableException', 'The cluster endpoint is not available.', 503, {
    schema: EndpointTemporarilyUnavailableException$,
    members: {},
  });
}

function stateOf(control: RoutingControl, at: number): 'On' | 'Off' {
  return controlStateAt(control, at) === 'on' ? 'On' : 'Off';
}

function wordOf(state: string | undefined): 'on' | 'off' {
  if (state === 'On') return 'on';
  if (state === 'Off') return 'off';
  throw invalid(`RoutingControlState must be On or Off, not ${state ?? '(none)'}.`);
}

function invalid(message: string): ServiceFault {
  return new ServiceFault('ValidationException', message, 400);
}

/** The ARN of the control panel that a control is in. */
function panelOf(arn: string): string {
  return arn.replace(/\/routingcontrol\/.*$/, '');
}
