import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { RunningService } from '../loopback-server.ts';
import type { RunningS3 } from '../s3/s3.ts';
import { type Callers, type ProxiedService, startAuthProxy } from '../services/auth-proxy.ts';
import type { Upstream, UpstreamResponse } from '../services/emulator.ts';
import { jsonObject } from '../services/json-protocol.ts';
import type { AwsError } from '../sigv4/signature-failure.ts';
import type { MalwareProtection } from './malware-protection.ts';

const MAX_BODY_BYTES = 16_384;

/** The only supported operation, SendObjectMalwareScan. */
const PATH = '/object-malware-scan/send';

const Request = z.object({
  s3Object: z.object({ bucket: z.string(), key: z.string(), versionId: z.string().exactOptional() }),
});

export interface GuardDutyApiOptions {
  readonly port: number;
  readonly region: string;
  readonly protection: Pick<MalwareProtection, 'scan'>;
  readonly findObject: RunningS3['findObject'];
}

/**
 * Starts a local GuardDuty on 127.0.0.1 that supports only `SendObjectMalwareScan`. The operation does not support
 * resource-level permissions. The scan uses the permissions of the plan's role.
 *
 * @see https://docs.aws.amazon.com/guardduty/latest/APIReference/API_SendObjectMalwareScan.html
 * @see https://docs.aws.amazon.com/guardduty/latest/ug/malware-protection-s3-on-demand.html
 */
export function startGuardDutyApi(
  { port, region, protection, findObject }: GuardDutyApiOptions,
  callers: Callers,
): Promise<RunningService> {
  const send: Upstream = async ({ method, path, body }) => {
    if (method !== 'POST' || path !== PATH)
      return failed(404, 'UnknownOperationException', 'Only SendObjectMalwareScan is supported.');
    const sent = Request.safeParse(jsonObject(body));
    if (!sent.success) return rejected('The request is rejected because of an invalid s3Object.');
    const { bucket, key, versionId } = sent.data.s3Object;
    const object = findObject(bucket, key, versionId);
    if (object === undefined) return rejected('The object does not exist.');
    const { etag } = object;
    return protection.scan({ bucket, key, versionId: object.versionId, etag })
      ? jsonReply(200, {})
      : rejected('The bucket has no Malware Protection plan.');
  };
  return startAuthProxy(guardDuty(region), port, { send, close: async () => undefined }, callers);
}

const guardDuty = (region: string): ProxiedService => ({
  name: 'guardduty',
  region,
  maxBodyBytes: MAX_BODY_BYTES,
  refuse: refuseRest,
  requiredPermissions: ({ method, url }) =>
    method === 'POST' && url === PATH ? [{ action: 'guardduty:SendObjectMalwareScan', resource: '*' }] : [],
});

/** Creates an error in the REST JSON protocol, which puts the error's name into a header. */
const failed = (statusCode: number, code: string, message: string): UpstreamResponse =>
  jsonReply(statusCode, { __type: code, message }, { 'x-amzn-errortype': code });

const rejected = (message: string): UpstreamResponse => failed(400, 'BadRequestException', message);

function refuseRest(response: ServerResponse, { code, message }: AwsError): void {
  const { statusCode, headers, rawPayload } = failed(403, code, message);
  response.writeHead(statusCode, headers).end(rawPayload);
}

const jsonReply = (statusCode: number, output: object, headers: Record<string, string> = {}) => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID(), ...headers },
  rawPayload: Buffer.from(JSON.stringify(output)),
});
