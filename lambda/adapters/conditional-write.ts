import { callService, errorName } from './service-fault.ts';

/** Runs a conditional write to DynamoDB. A failed condition is an outcome, not an error. */
export async function conditionalWrite(
  port: string,
  write: () => Promise<unknown>,
): Promise<'written' | 'refused'> {
  try {
    await callService(port, write);
    return 'written';
  } catch (error) {
    if (errorName(error) === 'ConditionalCheckFailedException') return 'refused';
    throw error;
  }
}
