import {
  DeleteNetworkInterfaceCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNetworkInterfacesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';

/*
 * The code of the caretaker (../caretaker.ts). It is inlined into the template without types, so it must import only
 * what Lambda's runtime contains and stay below 4,096 characters.
 */

/** Milliseconds between checks of whether the functions have left the network. */
const PAUSE = 5_000;

/** Milliseconds before the timeout that are reserved for the response. */
const RESERVE = 30_000;

/**
 * Errors that pass. Lambda takes 15 calls a second from a whole account ("Lambda quotas", "API requests"), and the stack
 * has more functions than that. An update can conflict with one that is in progress.
 */
const PASSING = ['TooManyRequestsException', 'ResourceConflictException', 'RequestLimitExceeded'];

/** An event of a custom resource (AWS CloudFormation User Guide, "Custom resource request objects"). */
export interface CaretakerEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResourceType: string;
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly ResourceProperties: {
    /** Names of prefix lists, by the attribute that returns the list's ID. */
    readonly Lists?: Readonly<Record<string, string>>;
    readonly FunctionNames?: readonly string[];
    readonly SecurityGroupId?: string;
  };
}

/** The AWS calls that the caretaker makes. */
export interface CaretakerPorts {
  prefixListId(name: string): Promise<string | undefined>;
  /** Returns `apart` for a function outside the VPC, and for one that does not exist. */
  connection(functionName: string): Promise<'apart' | 'changing' | 'connected'>;
  disconnect(functionName: string): Promise<unknown>;
  interfaces(securityGroupId: string): Promise<readonly { readonly id: string; readonly status: string }[]>;
  /** Deletes a network interface unless it is in use. */
  remove(interfaceId: string): Promise<unknown>;
  pause(milliseconds: number): Promise<unknown>;
  respond(url: string, body: string): Promise<unknown>;
}

interface Clock {
  getRemainingTimeInMillis(): number;
}

export const createCaretaker = (ports: CaretakerPorts) => {
  const listed = async (lists: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(lists).map(async ([attribute, name]) => {
          const id = await ports.prefixListId(name);
          if (id === undefined) throw new Error(`Prefix list not found: ${name}`);
          return [attribute, id];
        }),
      ),
    );

  /** Disconnects functions, deletes their unused network interfaces, and returns whether no interfaces were left. */
  const hasLeft = async (names: readonly string[], group: string): Promise<boolean> => {
    const states = await Promise.all(
      names.map(async (name) => {
        const state = await ports.connection(name);
        if (state === 'connected') await ports.disconnect(name);
        return state;
      }),
    );
    if (states.some((state) => state !== 'apart')) return false;
    const left = await ports.interfaces(group);
    // Lambda would take up to 20 minutes to delete interfaces that it no longer uses.
    await Promise.all(left.filter(({ status }) => status === 'available').map(({ id }) => ports.remove(id)));
    return left.length === 0;
  };

  const carryOut = async (event: CaretakerEvent, clock: Clock) => {
    const { Lists, FunctionNames = [], SecurityGroupId = '' } = event.ResourceProperties;
    const isDelete = event.RequestType === 'Delete';
    if (Lists !== undefined) return isDelete ? {} : listed(Lists);
    if (!isDelete) return {};
    // If time runs out, the response is still a success: CloudFormation itself retries the deletion of anything in use.
    const isDone = () =>
      hasLeft(FunctionNames, SecurityGroupId).catch((error: unknown) => {
        if (error instanceof Error && PASSING.includes(error.name)) return false;
        throw error;
      });
    while (clock.getRemainingTimeInMillis() > RESERVE && !(await isDone())) await ports.pause(PAUSE);
    return {};
  };

  return async (event: CaretakerEvent, clock: Clock): Promise<void> => {
    const { StackId, RequestId, LogicalResourceId } = event;
    const result = await carryOut(event, clock).then(
      (Data) => ({ Status: 'SUCCESS', Data }),
      (error: unknown) => ({ Status: 'FAILED', Reason: String(error) }),
    );
    const PhysicalResourceId = LogicalResourceId;
    await ports.respond(
      event.ResponseURL,
      JSON.stringify({ ...result, StackId, RequestId, LogicalResourceId, PhysicalResourceId }),
    );
  };
};

const awsPorts = (ec2: EC2Client, lambda: LambdaClient): CaretakerPorts => ({
  prefixListId: async (name) => {
    const Filters = [{ Name: 'prefix-list-name', Values: [name] }];
    const { PrefixLists } = await ec2.send(new DescribeManagedPrefixListsCommand({ Filters }));
    return PrefixLists?.[0]?.PrefixListId;
  },
  connection: async (FunctionName) => {
    try {
      const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      if (found.LastUpdateStatus === 'InProgress') return 'changing';
      return found.VpcConfig?.VpcId ? 'connected' : 'apart';
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return 'apart';
      throw error;
    }
  },
  disconnect: (FunctionName) =>
    lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName,
        VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
      }),
    ),
  interfaces: async (group) => {
    const Filters = [{ Name: 'group-id', Values: [group] }];
    const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
    return NetworkInterfaces.map(({ NetworkInterfaceId: id = '', Status: status = '' }) => ({ id, status }));
  },
  // Lambda may have deleted the interface already, or may still be using it. The next check shows which.
  remove: (NetworkInterfaceId) =>
    ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId })).catch(() => undefined),
  pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  respond: (url, body) => fetch(url, { method: 'PUT', body, headers: { 'content-type': '' } }),
});

export const handler = createCaretaker(awsPorts(new EC2Client({}), new LambdaClient({})));
