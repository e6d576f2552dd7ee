import { z } from 'zod';
import { routes } from '../../lib/capabilities.ts';
import { templateText } from './template-text.ts';

/** Whether a function may only read a resource, or change it. */
type Access = 'reads' | 'changes';

/** A function in the drawing. */
export interface DrawnFunction {
  readonly name: string;
  /** The routes, or the events, that invoke it. */
  readonly triggers: readonly string[];
  readonly caller: 'anyone' | 'signed callers' | 'events';
  /** Keyed by the title of a column. */
  readonly access: ReadonlyMap<string, Access>;
}

/** The columns of the drawing, each with the text that its resource has in a policy. */
export const COLUMNS: Readonly<Record<string, string>> = {
  tokens: '"TokenTable"',
  receipts: '"ReceiptTable"',
  ledger: '"LedgerTable"',
  quota: '"QuotaTable"',
  files: '"FileBucket"',
  'mail queue': '"MailQueue"',
  mail: ':ses:',
  'signing key': '"SigningKey"',
  'pseudonym key': '"PseudonymKey"',
};

/** The events that invoke the functions without routes. */
const EVENTS: Readonly<Record<string, string>> = {
  mail: 'mails to send',
  bounces: 'bounces, complaints',
};

const CHANGES = /:(Put|Update|Delete|Send)/;

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const Template = z.object({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.unknown().optional() })),
});

const Role = z.object({
  Policies: z.array(
    z.object({
      PolicyDocument: z.object({ Statement: z.array(z.object({ Action: texts, Resource: z.unknown() })) }),
    }),
  ),
});

/** Reads from the synthesized stack what invokes each function, and what its role lets it do. */
export function readArchitecture(): readonly DrawnFunction[] {
  const { Resources } = Template.parse(JSON.parse(templateText()));
  const names = Object.entries(Resources).flatMap(([logicalId, { Type }]) => {
    const title = Type === 'AWS::Lambda::Function' ? /^(\w+)Function$/.exec(logicalId)?.[1] : undefined;
    return title === undefined ? [] : [title];
  });
  return names
    .map((title): DrawnFunction => {
      const name = title.toLowerCase();
      const own = routes.filter((route) => route.function === name);
      const event = EVENTS[name];
      if (own.length === 0 && event === undefined)
        throw new Error(`Nothing invokes the function "${name}": add a route, or its events to EVENTS.`);
      return {
        name,
        triggers: event === undefined ? own.map(({ method, path }) => `${method} ${path}`) : [event],
        caller: own[0] === undefined ? 'events' : own[0].auth === 'iam' ? 'signed callers' : 'anyone',
        access: accessOf(Role.parse(Resources[`${title}Role`]?.Properties)),
      };
    })
    .toSorted((left, right) => ORDER.indexOf(left.caller) - ORDER.indexOf(right.caller));
}

const ORDER: readonly DrawnFunction['caller'][] = ['anyone', 'signed callers', 'events'];

function accessOf({ Policies }: z.output<typeof Role>): ReadonlyMap<string, Access> {
  const statements = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  return new Map(
    Object.entries(COLUMNS).flatMap(([column, mark]) => {
      const actions = statements
        .filter(({ Resource }) => JSON.stringify(Resource).includes(mark))
        .flatMap(({ Action }) => Action);
      if (actions.length === 0) return [];
      return [[column, actions.some((action) => CHANGES.test(action)) ? 'changes' : 'reads'] as const];
    }),
  );
}
