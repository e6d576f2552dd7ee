import { createServer, type RequestListener, type Server } from 'node:http';

/** A server for a page and one for files, each with its own origin, and the requests that they received. */
export interface TwoOrigins {
  /** The origin of the page, to which its forms post. */
  readonly pages: string;
  readonly files: string;
  /** Every request in the order of arrival, except those for the page itself. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/**
 * Serves one page. A POST gets a redirect to a download at the other origin.
 *
 * @param write returns the page and its policy, given both origins
 */
export async function serveTwoOrigins(
  write: (origins: Pick<TwoOrigins, 'pages' | 'files'>) => { readonly page: string; readonly policy: string },
): Promise<TwoOrigins> {
  const requests: string[] = [];
  const files = await listen((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.writeHead(200, { 'content-disposition': 'attachment; filename="report.pdf"' }).end('the file');
  });
  const pages = await listen(async (request, response) => {
    if (request.method === 'GET') {
      const { page, policy } = write({ pages: pages.origin, files: files.origin });
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy })
        .end(page);
      return;
    }
    const body = (await request.toArray()).join('');
    requests.push(`${request.method} ${request.url} ${body}`);
    response.writeHead(302, { location: `${files.origin}/report.pdf` }).end();
  });
  return {
    pages: pages.origin,
    files: files.origin,
    requests,
    close: async () => {
      await Promise.all([pages.close(), files.close()]);
    },
  };
}

interface Listening {
  readonly origin: string;
  close(): Promise<void>;
}

async function listen(listener: RequestListener): Promise<Listening> {
  const server: Server = createServer(listener);
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no port'));
      else resolve(address.port);
    });
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
