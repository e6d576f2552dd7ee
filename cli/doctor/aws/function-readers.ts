import {
  GetAccountSettingsCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { z } from 'zod';
import type { ConcurrencyFacts, FunctionFacts, StatementFacts } from '../account.ts';

export async function readFunction(client: LambdaClient, name: string): Promise<FunctionFacts> {
  const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  return {
    state: found.State ?? 'unknown',
    lastUpdate: found.LastUpdateStatus ?? 'unknown',
    environment: found.Environment?.Variables ?? {},
  };
}

export async function readConcurrency(client: LambdaClient): Promise<ConcurrencyFacts> {
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
  const limit = AccountLimit?.ConcurrentExecutions ?? 0;
  return { limit, unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? limit };
}

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

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html */
export async function readFunctionPolicy(
  client: LambdaClient,
  name: string,
): Promise<readonly StatementFacts[]> {
  try {
    const found = await client.send(new GetPolicyCommand({ FunctionName: name }));
    return Policy.parse(JSON.parse(found.Policy ?? '')).Statement.map(statementOf);
  } catch (error) {
    // This is how Lambda reports a function without a policy.
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return [];
    throw error;
  }
}

type Statement = z.output<typeof Policy>['Statement'][number];

const statementOf = ({ Effect, Principal, Action, Condition }: Statement): StatementFacts => ({
  effect: Effect,
  principals: Array.isArray(Principal) ? Principal : Object.values(Principal).flat(),
  actions: Action,
  conditions: Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key: key.toLowerCase(), values })),
  ),
});
