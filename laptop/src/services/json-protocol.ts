import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseJson } from '../parse-json.ts';
import type { AwsError } from '../sigv4/signature-failure.ts';

/** Responds with an error in the AWS JSON 1.0 protocol: status 400 and the error's name. */
export function refuseJson(response: ServerResponse, { code, message }: AwsError): void {
  response
    .writeHead(400, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() })
    .end(JSON.stringify({ __type: code, message }));
}

/**
 * Returns the error for a request that lacks the JSON protocol's headers. A function can call services without an SDK,
 * and a wrong header would otherwise go unnoticed until the function is deployed.
 *
 * @param service the name in `X-Amz-Target`
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export function protocolError(
  { headers }: IncomingMessage,
  service: string,
  version: '1.0' | '1.1',
): AwsError | undefined {
  const isCall =
    headers['content-type'] === `application/x-amz-json-${version}` &&
    String(headers['x-amz-target']).startsWith(`${service}.`);
  const message = `A call needs Content-Type: application/x-amz-json-${version} and X-Amz-Target: ${service}.OPERATION.`;
  return isCall ? undefined : { code: 'UnknownOperationException', message };
}

/** Returns the operation in `X-Amz-Target`, such as `PutItem`, or an empty string. */
export const targetOperation = (target: string | readonly string[] | undefined): string =>
  typeof target === 'string' ? (target.split('.')[1] ?? '') : '';

/** Parses a JSON object. Returns an empty object for anything else, which the service itself rejects. */
export function jsonObject(body: Buffer): Readonly<Record<string, unknown>> {
  const value = parseJson(body.toString('utf8'));
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
