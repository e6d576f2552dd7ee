import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { AwsError } from '../sigv4/signature-failure.ts';

/** Refuses a request as the AWS JSON 1.0 protocol does: 400 with the error's name. */
export function refuseJson(response: ServerResponse, { code, message }: AwsError): void {
  response
    .writeHead(400, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() })
    .end(JSON.stringify({ __type: code, message }));
}

/** The operation that a request names in `X-Amz-Target`, such as `PutItem`; empty if it names none. */
export const targetOperation = (target: string | readonly string[] | undefined): string =>
  typeof target === 'string' ? (target.split('.')[1] ?? '') : '';

/** A JSON object; an empty one for anything else, which the service is going to refuse itself. */
export function jsonObject(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
