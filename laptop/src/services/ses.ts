import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import sesLocal from 'aws-ses-v2-local';
import type { Denial } from '../access.ts';
import type { RunningService } from '../loopback-server.ts';
import { isOwnHost } from '../own-host.ts';
import type { AwsError } from '../sigv4/signature-failure.ts';
import { type Ask, type Callers, type ProxiedService, startAuthProxy } from './auth-proxy.ts';

/** SES takes 40 MB; the product sends a few kilobytes. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/**
 * Starts an SES whose mails end in an inbox: a page at `/`, JSON at `/store`. It keeps them in memory, and it
 * rejects nothing.
 */
export async function startSes(
  { port, region, accountId }: { readonly port: number; readonly region: string; readonly accountId: string },
  callers: Callers,
): Promise<RunningService> {
  const server = await sesLocal.default({ host: '127.0.0.1', port: 0 });
  if (!server.listening) await once(server, 'listening');
  const emulator = {
    server,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
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

/** The inbox is for whoever sits at the laptop; its page reads the mails and can clear them. */
const isInbox = ({ method, url }: IncomingMessage): boolean =>
  method === 'GET' || method === 'HEAD' || (method === 'POST' && url === '/clear-store');

/** Mails hold links that open files: no page of another site may read them, nor clear them away. */
function admitToInbox({ headers: { host, origin }, socket }: IncomingMessage): 'unsigned' | AwsError {
  const own = isOwnHost(host, socket.localPort) && (origin === undefined || origin === `http://${host}`);
  return own ? 'unsigned' : { code: 'AccessDenied', message: NOT_FOR_OTHERS };
}

const NOT_FOR_OTHERS =
  'The inbox is for this machine alone: open it by the name 127.0.0.1, localhost or [::1] and at its own port.';

/** SES has a code and quotes of its own. */
const worded = ({ caller, action, resource }: Denial): AwsError => ({
  code: 'AccessDenied',
  message: `User \`${caller}' is not authorized to perform \`${action}' on resource \`${resource}'`,
});

/** One action on the sender's identity and, if one is named, on the configuration set. */
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

/** The AWS query protocol answers in XML; nothing of the message needs escaping but what is escaped here. */
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
