import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import sesLocal from 'aws-ses-v2-local';
import type { Denial } from '../access.ts';
import type { RunningService } from '../loopback-server.ts';
import { isOwnHost } from '../own-host.ts';
import type { AwsError } from '../sigv4/signature-failure.ts';
import { type Ask, type Callers, type ProxiedService, startAuthProxy } from './auth-proxy.ts';
import { inside } from './emulator.ts';

/** Smaller than SES's own limit of 40 MB, because local mode keeps mails in memory. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/**
 * Starts an SES that puts every mail into an inbox in memory: a page at `/`, JSON at `/store`.
 */
export async function startSes(
  { port, region, accountId }: { readonly port: number; readonly region: string; readonly accountId: string },
  callers: Callers,
): Promise<RunningService> {
  const server = await sesLocal.default({ host: '127.0.0.1', port: 0 });
  if (!server.listening) await once(server, 'listening');
  const ask = inside(server);
  // It starts to listen by itself.
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const emulator = { ask, close: () => Promise.resolve() };
  return startAuthProxy(ses(`arn:aws:ses:${region}:${accountId}`), port, emulator, callers);
}

const ses = (prefix: string): ProxiedService => ({
  name: 'ses',
  maxBodyBytes: MAX_BODY_BYTES,
  admit: (request) => (isInbox(request) ? admitToInbox(request) : 'signed'),
  refuse: refuseQuery,
  worded,
  asks: (_request, body) => asked(body, prefix),
});

/** Tells whether a request is the inbox page's, which reads mails and can clear them without a signature. */
const isInbox = ({ method, url }: IncomingMessage): boolean =>
  method === 'GET' || method === 'HEAD' || (method === 'POST' && url === '/clear-store');

/** Keeps pages of other sites from reading or clearing mails, which may hold secrets. */
function admitToInbox({ headers: { host, origin }, socket }: IncomingMessage): 'unsigned' | AwsError {
  const own = isOwnHost(host, socket.localPort) && (origin === undefined || origin === `http://${host}`);
  return own ? 'unsigned' : { code: 'AccessDenied', message: NOT_FOR_OTHERS };
}

const NOT_FOR_OTHERS =
  'The inbox is for this machine alone: open it by the name 127.0.0.1, localhost or [::1] and at its own port.';

/** Words a denial as SES does, with its own code and quotes. */
const worded = ({ caller, action, resource }: Denial): AwsError => ({
  code: 'AccessDenied',
  message: `User \`${caller}' is not authorized to perform \`${action}' on resource \`${resource}'`,
});

/** Asks for the action on the sender's identity and on the configuration set, if the request names one. */
function asked(body: Buffer, prefix: string): readonly Ask[] {
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

/** The bare address of `Name <address>`. */
const addressIn = (mailbox: string): string => /<([^<>]+)>\s*$/.exec(mailbox)?.[1] ?? mailbox;

/** Refuses a request in XML, as the AWS query protocol does. */
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
