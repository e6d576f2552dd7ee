import type { Endpoints } from '../../bin/local/stack.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';

/** A link in the response to `POST /links`. */
export interface NewLink {
  readonly tokenId: string;
  readonly url: string;
  readonly token: string;
  readonly expiresAt: string;
  readonly presenceCode?: string;
}

/** Issues links as an IAM caller. @throws Error with the problem if the request is refused */
export async function issueLinks(
  endpoints: Endpoints,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly NewLink[]> {
  const response = await signedFetch(endpoints, 'POST', '/links', body, headers);
  if (response.status !== 201)
    throw new Error(`POST /links got status ${response.status}: ${await response.text()}`);
  return ((await response.json()) as { links: NewLink[] }).links;
}

/** Issues one link as an IAM caller. */
export async function issueLink(
  endpoints: Endpoints,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<NewLink> {
  const [link] = await issueLinks(endpoints, body, headers);
  if (link === undefined) throw new Error('POST /links returned no link');
  return link;
}
