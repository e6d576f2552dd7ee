import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import sesLocal from 'aws-ses-v2-local';
import type { Denial } from '../access.ts';
import type { RunningService } from '../loopback-server.ts';
import { isOwnHost } from '../own-host.ts';
import type { AwsError } from '../sigv4/signature-failure.ts';
import { type Callers, type ProxiedService, type RequiredPermission, startAuthProxy } from './auth-proxy.ts';
import { inside } from './emulator.ts';

/**
 * Maximum size of a request in bytes. This is less than SES's limit of 40 MB, because local mode keeps e-mails in
 * memory.
 */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/**
 * Starts a local SES that puts all e-mails into an inbox in memory. `/` serves the inbox as a page, `/store` as JSON.
 */
export async function startSes(
  { port, region, accountId }: { readonly port: number; readonly region: string; readonly accountId: string },
  callers: Callers,
): Promise<RunningService> {
  const server = await sesLocal.default({ host: '127.0.0.1', port: 0 });
  if (!server.listening) await once(server, 'listening');
  const send = inside(server);
  // sesLocal always listens on a port, but requests must come through the proxy.
  await new Promise<void>((resolve) => server.close(() => resolve()));
  // The package keeps e-mails as long as the process runs, so clear any from an earlier start.
  await send({ method: 'POST', path: '/clear-store', headers: {}, body: Buffer.alloc(0) });
  const emulator = { send, close: () => Promise.resolve() };
  return startAuthProxy(ses(region, accountId), port, emulator, callers);
}

const ses = (region: string, accountId: string): ProxiedService => ({
  name: 'ses',
  region,
  maxBodyBytes: MAX_BODY_BYTES,
  admit: (request) => (isInbox(request) ? admitToInbox(request) : 'signed'),
  refuse: refuseQuery,
  denialError,
  requiredPermissions: (_request, body) => permissionsToSend(body, `arn:aws:ses:${region}:${accountId}`),
});

/** Returns whether a request is for the inbox, whose page reads and clears e-mails without a signature. */
const isInbox = ({ method, url }: IncomingMessage): boolean =>
  method === 'GET' || method === 'HEAD' || (method === 'POST' && url === '/clear-store');

/** Prevents pages on other sites from reading or clearing e-mails, which may contain secrets. */
function admitToInbox({ headers: { host, origin }, socket }: IncomingMessage): 'unsigned' | AwsError {
  const own = isOwnHost(host, socket.localPort) && (origin === undefined || origin === `http://${host}`);
  return own ? 'unsigned' : { code: 'AccessDenied', message: NOT_FOR_OTHERS };
}

const NOT_FOR_OTHERS =
  'The inbox is available only on this machine. Open it at 127.0.0.1, localhost, or [::1], on its own port.';

/** Formats a denial with SES's error code and quotes. */
const denialError = ({ caller, action, resource }: Denial): AwsError => ({
  code: 'AccessDenied',
  message: `User \`${caller}' is not authorized to perform \`${action}' on resource \`${resource}'`,
});

/** Returns the permissions needed: on the sender's identity, and on the configuration set if the request names one. */
function permissionsToSend(body: Buffer, prefix: string): readonly RequiredPermission[] {
  const form = new URLSearchParams(body.toString('utf8'));
  const operation = form.get('Action');
  if (operation === null) return [];
  const sender = form.get('Source');
  const set = form.get('ConfigurationSetName');
  const recipients = [...form].flatMap(([name, value]) => (name.startsWith('Destination.') ? [value] : []));
  const conditions = {
    ...(sender === null ? {} : { 'ses:FromAddress': addressIn(sender) }),
    ...(recipients.length === 0 ? {} : { 'ses:Recipients': recipients.map(addressIn) }),
  };
  const resources = [
    sender === null ? '*' : `${prefix}:identity/${addressIn(sender)}`,
    ...(set === null ? [] : [`${prefix}:configuration-set/${set}`]),
  ];
  return resources.map((resource) => ({ action: `ses:${operation}`, resource, conditions }));
}

/** Returns the bare address in `Name <address>`. */
const addressIn = (mailbox: string): string => /<([^<>]+)>\s*$/.exec(mailbox)?.[1] ?? mailbox;

/** Responds with an error in the AWS query protocol, which uses XML. */
function refuseQuery(response: ServerResponse, { code, message }: AwsError): void {
  const escaped = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const requestId = randomUUID();
  response
    .writeHead(403, { 'content-type': 'text/xml', 'x-amzn-requestid': requestId })
    .end(
      `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type><Code>${code}</Code>` +
        `<Message>${escaped}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    );
}
