import { hash, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { denialMessage } from '../access.ts';
import { type RunningService, readSmallBody, startLoopbackServer } from '../loopback-server.ts';
import type { RunningS3 } from '../s3/s3.ts';
import type { Callers } from '../services/auth-proxy.ts';
import { jsonObject } from '../services/json-protocol.ts';
import { rawRequestOf } from '../sigv4/raw-request.ts';
import { awsErrorOf } from '../sigv4/signature-failure.ts';
import { createSigV4Verifier } from '../sigv4/verify.ts';
import type { MalwareProtection } from './malware-protection.ts';

const MAX_BODY_BYTES = 16_384;

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
export async function startGuardDutyApi(
  { port, region, protection, findObject }: GuardDutyApiOptions,
  { credentials, authorize, clock }: Callers,
): Promise<RunningService> {
  const verify = createSigV4Verifier({ service: 'guardduty', clock, credentials, region });
  return startLoopbackServer({ port }, async (request, response) => {
    const body = await readSmallBody(request, response, MAX_BODY_BYTES);
    if (body === undefined) return refuse(response, 400, 'BadRequestException', 'Too large.');
    const verification = await verify(rawRequestOf(request), hash('sha256', body));
    if (!verification.ok) {
      const { code, message } = awsErrorOf(verification.failure);
      return refuse(response, 403, code, message);
    }
    if (request.method !== 'POST' || request.url !== '/object-malware-scan/send')
      return refuse(response, 404, 'UnknownOperationException', 'Only SendObjectMalwareScan is supported.');
    const { accessKeyId, ageMs } = verification.signature;
    const decision = await authorize({
      accessKeyId,
      action: 'guardduty:SendObjectMalwareScan',
      resource: '*',
      signatureAgeMs: ageMs,
      conditions: { 'aws:SecureTransport': 'true' },
    });
    if (!decision.allowed) return refuse(response, 403, 'AccessDeniedException', denialMessage(decision));
    const sent = Request.safeParse(jsonObject(body));
    if (!sent.success)
      return refuse(
        response,
        400,
        'BadRequestException',
        'The request is rejected because of an invalid s3Object.',
      );
    const { bucket, key, versionId } = sent.data.s3Object;
    const object = findObject(bucket, key, versionId);
    if (object === undefined)
      return refuse(response, 400, 'BadRequestException', 'The object does not exist.');
    const { etag } = object;
    if (!protection.scan({ bucket, key, versionId: object.versionId, etag }))
      return refuse(response, 400, 'BadRequestException', 'The bucket has no Malware Protection plan.');
    respond(response, 200, {});
  });
}

/** Responds with an error in the REST JSON protocol. */
function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.setHeader('x-amzn-errortype', code);
  respond(response, status, { __type: code, message });
}

function respond(response: ServerResponse, status: number, output: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() })
    .end(JSON.stringify(output));
}
