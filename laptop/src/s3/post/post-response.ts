import type { ObjectVersion } from '../object-record.ts';
import { writtenHeaders } from '../operations/store-object.ts';
import { empty, type Reply, xml } from '../reply.ts';
import { objectUrl } from '../request.ts';
import { element } from '../xml.ts';

/** Creates the response that the form requests: a redirect, a status, or a document. */
export function answerPost(object: ObjectVersion, fields: ReadonlyMap<string, string>, host: string): Reply {
  const [bucketName, key] = [fields.get('bucket') ?? '', fields.get('key') ?? ''];
  const etag = `"${object.etag}"`;
  const headers = writtenHeaders(object);
  const next = redirectOf(fields.get('success_action_redirect') ?? fields.get('redirect') ?? '');
  if (next !== undefined) {
    for (const [name, value] of Object.entries({ bucket: bucketName, key, etag })) {
      next.searchParams.append(name, value);
    }
    return empty(303, { ...headers, location: next.href });
  }
  const location = objectUrl({ host, bucketName, key });
  switch (fields.get('success_action_status')) {
    case '200':
      return empty(200, { ...headers, location });
    case '201': {
      const { xml: response } = element('PostResponse', [
        element('Location', location),
        element('Bucket', bucketName),
        element('Key', key),
        element('ETag', etag),
      ]);
      return xml(`<?xml version="1.0" encoding="UTF-8"?>\n${response}`, { ...headers, location }, 201);
    }
    default:
      return empty(204, { ...headers, location });
  }
}

/** Parses a redirect URL. Returns undefined if it is invalid, because S3 ignores the field in this case. */
function redirectOf(text: string): URL | undefined {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}
