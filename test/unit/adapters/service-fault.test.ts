import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { callService } from '../../../lambda/adapters/service-fault.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';

/** Returns the error that the SDK throws for a response with this code and status. */
const answered = (name: string, status: number) =>
  new DynamoDBServiceException({
    name,
    message: 'no',
    $fault: status < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: status },
  });

const outcomeOf = (error: Error) =>
  callService('port', () => Promise.reject(error)).catch((thrown: unknown) => thrown);

describe('a service error', () => {
  test.each([
    ['ProvisionedThroughputExceededException', 400],
    ['RequestLimitExceeded', 400],
    ['ThrottlingException', 400],
    ['InternalServerError', 500],
    ['Throttling', 400],
    ['RequestThrottled', 400],
    ['KmsThrottled', 400],
    ['KMSInternalException', 500],
    ['KeyUnavailableException', 500],
    ['DependencyTimeoutException', 503],
    ['SlowDown', 503],
    ['RequestTimeout', 400],
    ['TooManyRequestsException', 429],
  ])('named %s becomes Unavailable, because a retry can succeed', async (name, status) => {
    expect(await outcomeOf(answered(name, status))).toBeInstanceOf(Unavailable);
  });

  test.each([
    ['ConditionalCheckFailedException', 400],
    ['ResourceNotFoundException', 400],
    ['AccessDeniedException', 400],
    ['ValidationException', 400],
    ['DisabledException', 400],
    ['KMSInvalidStateException', 409],
    ['KmsDisabled', 400],
    ['NoSuchKey', 404],
    ['InvalidObjectState', 403],
    ['MessageRejected', 400],
  ])('named %s is rethrown unchanged, because a retry cannot succeed', async (name, status) => {
    const error = answered(name, status);
    expect(await outcomeOf(error)).toBe(error);
  });

  test('without any response becomes Unavailable', async () => {
    const lost = Object.assign(new Error('lost'), { $metadata: { attempts: 2 } });
    expect(await outcomeOf(lost)).toBeInstanceOf(Unavailable);
  });

  test('raised before a request was sent is rethrown unchanged, because it is a defect', async () => {
    const defect = new TypeError('no region');
    expect(await outcomeOf(defect)).toBe(defect);
  });
});
