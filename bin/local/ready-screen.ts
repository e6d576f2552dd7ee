import { relative } from 'node:path';
import { DEFAULT_DATA_DIR } from '../../laptop/src/command-line.ts';
import { paint, type Terminal, warningLine } from '../../laptop/src/terminal.ts';
import { SAMPLE_NAME } from './sample-file.ts';
import type { Local } from './start.ts';

/** Formats a successful step of the demonstration. */
export function stepLine(step: string, fact: string, stream: Terminal): string {
  const columns = 11;
  return `  ${paint(stream, 'green', '✓')} ${paint(stream, 'bold', step.padEnd(columns))} ${fact}\n`;
}

/** Returns the text that says what to open, where the files are, and how to stop. */
export function readyScreen(
  {
    endpoints,
    dataDir,
    takenPort,
    malwareScanner,
  }: Pick<Local, 'endpoints' | 'dataDir' | 'takenPort' | 'malwareScanner'>,
  stream: Terminal,
): string {
  const { api, inbox } = endpoints;
  const bold = (text: string): string => paint(stream, 'bold', text);
  const link = (text: string): string => paint(stream, 'cyan', text);
  const dim = (text: string): string => paint(stream, 'dim', text);
  const folder = shortPath(dataDir);
  const tvm = folder === DEFAULT_DATA_DIR ? '--local' : `--data-dir ${folder}`;
  const moved =
    takenPort === undefined
      ? ''
      : warningLine(
          `Port ${takenPort} is in use, so the API is on port ${new URL(api).port}. To choose a port, use "--port".`,
          stream,
        );
  const uploading =
    malwareScanner === undefined
      ? ''
      : `
  Upload a file, which is scanned and published:
    npx tvm ${tvm} upload report.pdf
  ${dim(`The malware scanner is ${malwareScanner}.`)}
`;
  return `
  ${bold('The token-vending machine is running on this computer.')}
${moved}
  Request a file  ${link(`${api}/?asset=${SAMPLE_NAME}`)}
  Open the e-mail ${link(inbox)} ${dim('("Toggle HTML view" shows its button)')}
  Stop            ${bold('Ctrl-C')}

  Offer your own file, and issue a link for it:
    npx tvm ${tvm} offer report.pdf
    npx tvm ${tvm} issue report.pdf
${uploading}
  ${dim(`To use the AWS command line: AWS_CONFIG_FILE=${folder}/aws-config aws --profile laptop s3 ls`)}
  ${dim(`Files are in ${folder}/s3, logs in ${folder}/logs, addresses and keys in ${folder}/endpoints.json.`)}
  ${dim('Files, links, and receipts are kept for the next start. E-mails and queued messages are not.')}

`;
}

/** Shortens a path below the working directory to a relative one. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}
