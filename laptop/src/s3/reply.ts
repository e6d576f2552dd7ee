import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { S3Failure } from './failures.ts';
import type { StoredBytes } from './stored-bytes.ts';
import { element, errorDocument } from './xml.ts';

/** The response to a request, before it is written. */
export type Reply =
  | { readonly kind: 'empty'; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly kind: 'xml';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly document: string;
    }
  | {
      readonly kind: 'bytes';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly bytes: StoredBytes;
    }
  | S3Failure;

/** Creates a response without a body. */
export const empty = (status: number, headers: Record<string, string> = {}): Reply => ({
  kind: 'empty',
  status,
  headers,
});

/** Creates a response with an XML document. */
export const xml = (document: string, headers: Record<string, string> = {}): Reply => ({
  kind: 'xml',
  status: 200,
  headers,
  document,
});

/** Writes a reply. @throws if the client disconnects before the end */
export async function sendReply(
  reply: Reply,
  response: ServerResponse,
  { method, path, requestId }: { readonly method: string; readonly path: string; readonly requestId: string },
): Promise<void> {
  switch (reply.kind) {
    case 'empty':
      // Responses with status 204 or 304 have no Content-Length (RFC 9110 section 8.6).
      response.writeHead(
        reply.status,
        reply.status === 200 ? { 'content-length': '0', ...reply.headers } : reply.headers,
      );
      response.end();
      return;
    case 'xml':
      sendDocument(response, reply.status, reply.headers, reply.document, method);
      return;
    case 'bytes':
      response.writeHead(reply.status, reply.headers);
      await pipeline(reply.bytes.read(), response).finally(() => reply.bytes.close());
      return;
    case 'failure': {
      const details = Object.entries(reply.details).map(([name, value]) => element(name, value));
      const body = errorDocument([
        element('Code', reply.code),
        element('Message', reply.message),
        ...details,
        element('Resource', path),
        element('RequestId', requestId),
      ]);
      sendDocument(response, reply.status, reply.headers, body, method);
    }
  }
}

function sendDocument(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
  method: string,
): void {
  response.writeHead(status, {
    'content-type': 'application/xml',
    ...headers,
    ...(method === 'HEAD' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
  });
  response.end(body);
}
