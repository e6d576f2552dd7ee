import { describe, expect, test } from '@jest/globals';
import {
  type CaretakerEvent,
  type CaretakerPorts,
  createCaretaker,
} from '../../../lib/constructs/network/caretaker/handler.ts';

/** A VPC where disconnecting a function or freeing a network interface takes a given number of checks. */
class World implements CaretakerPorts {
  readonly calls: string[] = [];
  answered: Readonly<Record<string, unknown>> | undefined;
  readonly #functions: Map<string, number>;
  readonly #interfaces: Map<string, number>;
  remaining = 900_000;

  constructor(functions: Readonly<Record<string, number>>, interfaces: Readonly<Record<string, number>>) {
    this.#functions = new Map(Object.entries(functions));
    this.#interfaces = new Map(Object.entries(interfaces));
  }

  async prefixListId(name: string) {
    return name.endsWith('.s3') ? 'pl-1' : undefined;
  }

  async connection(name: string) {
    const looks = this.#functions.get(name) ?? 0;
    if (looks === 0) return 'apart';
    if (!this.calls.includes(`disconnect ${name}`)) return 'connected';
    this.#functions.set(name, looks - 1);
    return 'changing';
  }

  async disconnect(name: string) {
    this.calls.push(`disconnect ${name}`);
  }

  async interfaces(group: string) {
    this.calls.push(`look at ${group}`);
    return [...this.#interfaces].map(([id, looks]) => {
      this.#interfaces.set(id, looks - 1);
      return { id, status: looks > 0 ? 'in-use' : 'available' };
    });
  }

  async remove(id: string) {
    this.calls.push(`remove ${id}`);
    this.#interfaces.delete(id);
  }

  async pause(milliseconds: number) {
    this.remaining -= milliseconds;
  }

  async respond(url: string, body: string) {
    this.calls.push(`answer ${url}`);
    this.answered = JSON.parse(body) as Readonly<Record<string, unknown>>;
  }

  getRemainingTimeInMillis() {
    return this.remaining;
  }
}

const event = (
  RequestType: CaretakerEvent['RequestType'],
  ResourceProperties: CaretakerEvent['ResourceProperties'],
): CaretakerEvent => ({
  RequestType,
  ResourceProperties,
  ResourceType: 'Custom::Anything',
  ResponseURL: 'https://answers.example.org',
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Resource',
});

const FUNCTIONS = { FunctionNames: ['mint', 'mail'], SecurityGroupId: 'sg-1' };

const run = (world: World, ...given: Parameters<typeof event>) =>
  createCaretaker(world)(event(...given), world);

describe('the caretaker', () => {
  test('looks up prefix lists, and keeps the ID of the resource', async () => {
    const world = new World({}, {});
    await run(world, 'Create', { Lists: { s3: 'com.amazonaws.eu-west-1.s3' } });
    expect(world.answered).toEqual({
      Status: 'SUCCESS',
      Data: { s3: 'pl-1' },
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Resource',
      PhysicalResourceId: 'Resource',
    });
  });

  test('reports a prefix list that does not exist', async () => {
    const world = new World({}, {});
    await run(world, 'Create', { Lists: { dynamodb: 'com.amazonaws.eu-west-1.dynamodb' } });
    expect(world.answered).toMatchObject({
      Status: 'FAILED',
      Reason: 'Error: Prefix list not found: com.amazonaws.eu-west-1.dynamodb',
    });
  });

  test('leaves functions connected until the resource is deleted', async () => {
    const world = new World({ mint: 1, mail: 1 }, {});
    await run(world, 'Create', FUNCTIONS);
    await run(world, 'Update', FUNCTIONS);
    expect(world.calls).toEqual(['answer https://answers.example.org', 'answer https://answers.example.org']);
  });

  test('disconnects each function once, waits for all of them, and removes unused network interfaces', async () => {
    const world = new World({ mint: 1, mail: 3 }, { 'eni-1': 0, 'eni-2': 2 });
    await run(world, 'Delete', FUNCTIONS);
    expect(world.calls).toEqual([
      'disconnect mint',
      'disconnect mail',
      'look at sg-1',
      'remove eni-1',
      'look at sg-1',
      'look at sg-1',
      'remove eni-2',
      'look at sg-1',
      'answer https://answers.example.org',
    ]);
    expect(world.answered).toMatchObject({ Status: 'SUCCESS' });
  });

  test('does not wait if the functions are already disconnected', async () => {
    const world = new World({}, {});
    await run(world, 'Delete', FUNCTIONS);
    expect(world.calls).toEqual(['look at sg-1', 'answer https://answers.example.org']);
  });

  test('responds before it times out, and leaves the rest to CloudFormation', async () => {
    const world = new World({ mint: 1 }, { 'eni-1': Number.POSITIVE_INFINITY });
    await run(world, 'Delete', FUNCTIONS);
    expect(world.remaining).toBeGreaterThan(0);
    expect(world.answered).toMatchObject({ Status: 'SUCCESS' });
  });

  test.each(['TooManyRequestsException', 'ResourceConflictException', 'RequestLimitExceeded'])(
    'tries again after %s, because AWS takes few calls a second for a whole account',
    async (name) => {
      const world = new World({ mint: 1, mail: 1 }, {});
      const disconnect = world.disconnect.bind(world);
      let refusals = 2;
      world.disconnect = async (functionName) => {
        refusals -= 1;
        if (refusals >= 0) throw Object.assign(new Error('Rate exceeded'), { name });
        await disconnect(functionName);
      };
      await run(world, 'Delete', FUNCTIONS);
      expect(world.calls.filter((call) => call.startsWith('disconnect'))).toEqual([
        'disconnect mint',
        'disconnect mail',
      ]);
      expect(world.answered).toMatchObject({ Status: 'SUCCESS' });
    },
  );

  test('reports a function that it cannot disconnect', async () => {
    const world = new World({ mint: 1 }, {});
    world.disconnect = async () => {
      throw new Error('You may not');
    };
    await run(world, 'Delete', FUNCTIONS);
    expect(world.answered).toMatchObject({ Status: 'FAILED', Reason: 'Error: You may not' });
  });
});
