import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { callService } from '../../lambda/adapters/service-fault.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';

/** What the SDK throws for an answer of this name and status. */
const answered = (name: string, status: number) =>
  new DynamoDBServiceException({
    name,
    message: 'no',
    $fault: status < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: status },
  });

const outcomeOf = (error: Error) =>
  callService('port', () => Promise.reject(error)).catch((thrown: unknown) => thrown);

describe('an error of a service', () => {
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
  ])('passes by itself when it is %s: the service is unavailable', async (name, status) => {
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
  ])('stays what it is when it is %s: asking again changes nothing', async (name, status) => {
    const error = answered(name, status);
    expect(await outcomeOf(error)).toBe(error);
  });

  test('passes by itself when there was no answer at all', async () => {
    const lost = Object.assign(new Error('lost'), { $metadata: { attempts: 2 } });
    expect(await outcomeOf(lost)).toBeInstanceOf(Unavailable);
  });

  test('stays what it is when the SDK never sent anything: it is a defect', async () => {
    const defect = new TypeError('no region');
    expect(await outcomeOf(defect)).toBe(defect);
  });
});
