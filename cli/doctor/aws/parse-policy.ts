import { z } from 'zod';
import type { StatementFacts } from '../account.ts';

const Texts = z.union([z.string().transform((text) => [text]), z.array(z.string())]);

/** The parts of a policy that the checks use (IAM User Guide, "Grammar of the IAM JSON policy language"). */
const Policy = z.object({
  Statement: z.array(
    z.object({
      Effect: z.enum(['Allow', 'Deny']),
      Principal: z.union([Texts, z.record(z.string(), Texts)]).default([]),
      Action: Texts.default([]),
      Condition: z.record(z.string(), z.record(z.string(), Texts)).default({}),
    }),
  ),
});

/** Returns the statements of a resource-based policy. */
export const parsePolicy = (text: string): readonly StatementFacts[] =>
  Policy.parse(JSON.parse(text)).Statement.map(statementOf);

type Statement = z.output<typeof Policy>['Statement'][number];

const statementOf = ({ Effect, Principal, Action, Condition }: Statement): StatementFacts => ({
  effect: Effect,
  principals: Array.isArray(Principal) ? Principal : Object.values(Principal).flat(),
  actions: Action,
  conditions: Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key: key.toLowerCase(), values })),
  ),
});
