import { z } from 'zod';
import { deployedWith } from '../../lib/capabilities.ts';
import { readConfig } from '../../lib/read-config.ts';
import { inWords, permissionsIn, type Resources, type Statement } from './synthesized.ts';

/** Whether a function may only read a resource, or also change it. */
type Access = 'reads' | 'changes';

export interface DrawnFunction {
  readonly name: string;
  /** The routes, the queue, or the schedule that invokes the function. */
  readonly triggers: readonly string[];
  readonly caller: 'anyone' | 'IAM callers' | 'events';
  /** Keyed by a resource's logical ID in words, or by the service's name if the resource is not ours. */
  readonly access: ReadonlyMap<string, Access>;
}

const CHANGES = /:(Put|Update|Delete|Send)/;

const Mapping = z.object({ FunctionName: z.unknown(), EventSourceArn: z.unknown() });

const Schedule = z.object({
  ScheduleExpression: z.string(),
  Targets: z.tuple([z.object({ Arn: z.unknown() })]),
});

/** The drawing shows the routes of a deployment with default options. */
const { routes } = deployedWith(readConfig({}));

export interface Architecture {
  readonly functions: readonly DrawnFunction[];
  /** Everything that at least one function may access: our resources in the order of the template, then services. */
  readonly columns: readonly string[];
}

/** Reads the triggers of each function and the permissions of its role from the synthesized stack. */
export function readArchitecture(resources: Resources): Architecture {
  const events = new Map(
    Object.values(resources).flatMap(({ Type, Properties }) => {
      if (Type === 'AWS::Lambda::EventSourceMapping') {
        const { FunctionName, EventSourceArn } = Mapping.parse(Properties);
        return [[nameOf(FunctionName), titleOf(inWords(EventSourceArn))] as const];
      }
      const { data: schedule } = Schedule.safeParse(Type === 'AWS::Events::Rule' ? Properties : undefined);
      if (schedule === undefined) return [];
      const every = schedule.ScheduleExpression.replace(/^rate\((.+)\)$/, 'every $1');
      return [[nameOf(schedule.Targets[0].Arn), every] as const];
    }),
  );
  const functions = [...permissionsIn(resources)]
    .map(([name, statements]): DrawnFunction => {
      const access = accessOf(statements, resources);
      const own = routes.filter((route) => route.function === name);
      const [first] = own;
      const event = events.get(name);
      if (first !== undefined) {
        const triggers = own.map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/, '{id}')}`);
        return { name, triggers, caller: first.auth === 'iam' ? 'IAM callers' : 'anyone', access };
      }
      if (event !== undefined) return { name, triggers: [event], caller: 'events', access };
      throw new Error(`Neither a route, nor a queue, nor a schedule invokes the function "${name}".`);
    })
    .toSorted((left, right) => ORDER.indexOf(left.caller) - ORDER.indexOf(right.caller));
  const used = new Set(functions.flatMap(({ access }) => [...access.keys()]));
  const ours = Object.keys(resources)
    .map(titleOf)
    .filter((title) => used.has(title));
  return { functions, columns: [...new Set([...ours, ...used])] };
}

/** Returns the name of the function that a property refers to. */
const nameOf = (reference: unknown): string =>
  inWords(reference)
    .replace(/Function$/, '')
    .toLowerCase();

const ORDER: readonly DrawnFunction['caller'][] = ['anyone', 'IAM callers', 'events'];

/**
 * Returns what a role may access. Leaves out logs and traces, which every function writes, and keys that only services
 * use on the role's behalf.
 */
function accessOf(statements: readonly Statement[], resources: Resources): ReadonlyMap<string, Access> {
  const uses = statements
    .filter(({ Condition }) => Condition.StringEquals?.['kms:ViaService'] === undefined)
    .flatMap(({ Action, Resource }) =>
      Resource.filter((text) => resources[text]?.Type !== 'AWS::Logs::LogGroup').map((text) => ({
        title: text === '*' ? serviceOf(Action) : usedIn(text),
        Action,
      })),
    )
    .filter(({ title }) => title !== 'XRAY');
  return new Map(
    [...Map.groupBy(uses, ({ title }) => title)].map(([title, all]) => [
      title,
      all.some(({ Action }) => Action.some((action) => CHANGES.test(action))) ? 'changes' : 'reads',
    ]),
  );
}

/** Returns the service that these actions belong to. It stands for the resource if they are allowed on all resources. */
function serviceOf([action = '']: readonly string[]): string {
  return action.replace(/:.*/, '').toUpperCase();
}

/** Returns the title of a resource in a policy: the service in an ARN, or the logical ID of our resource in words. */
function usedIn(text: string): string {
  const service = /^arn:\w+:([\w-]+):/.exec(text)?.[1];
  return service?.toUpperCase() ?? titleOf(text.replace(/\/.*/, ''));
}

/** Returns a logical ID in words: "mail queue" for MailQueue. */
function titleOf(logicalId: string): string {
  return logicalId.replace(/\B(?=[A-Z])/g, ' ').toLowerCase();
}
