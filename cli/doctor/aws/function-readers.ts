import {
  GetAccountSettingsCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import type { ConcurrencyFacts, FunctionFacts, StatementFacts } from '../account.ts';
import { parsePolicy } from './parse-policy.ts';

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

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html */
export async function readFunctionPolicy(
  client: LambdaClient,
  name: string,
): Promise<readonly StatementFacts[]> {
  try {
    const found = await client.send(new GetPolicyCommand({ FunctionName: name }));
    return parsePolicy(found.Policy ?? '');
  } catch (error) {
    // This is how Lambda reports a function without a policy.
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return [];
    throw error;
  }
}
