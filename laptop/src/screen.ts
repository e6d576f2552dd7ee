import { relative } from 'node:path';
import { styleText } from 'node:util';
import { DEFAULT_DATA_DIR } from './command-line.ts';
import { SAMPLE_NAME } from './sample-file.ts';
import type { Local } from './start.ts';

/** Where the screen is shown. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Colours only where they are seen, and not where `NO_COLOR` asks for none. */
const paint = (stream: Terminal, style: Parameters<typeof styleText>[0], text: string): string =>
  stream.isTTY === true && !process.env.NO_COLOR ? styleText(style, text, { validateStream: false }) : text;

/** Shows what is going on while the laptop starts: one line that is overwritten, or plain lines. */
export function progress(stream: Terminal): { step(line: string): void; done(): void } {
  const live = stream.isTTY === true;
  return {
    step: (line) => stream.write(live ? `\r\u001b[2K  ${paint(stream, 'dim', `${line} …`)}` : `${line} …\n`),
    done: () => {
      if (live) stream.write('\r\u001b[2K');
    },
  };
}

/** A step of the demonstration that held. */
export function stepLine(step: string, fact: string, stream: Terminal): string {
  const columns = 11;
  return `  ${paint(stream, 'green', '✓')} ${paint(stream, 'bold', step.padEnd(columns))} ${fact}\n`;
}

/** Something that goes wrong while the laptop runs. */
export const warningLine = (line: string, stream: Terminal): string =>
  `  ${paint(stream, 'yellow', '!')} ${line}\n`;

/** The one screen: what to open, where files lie, how to stop. */
export function readyScreen(
  { endpoints, dataDir, takenPort }: Pick<Local, 'endpoints' | 'dataDir' | 'takenPort'>,
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
          `Another program has port ${takenPort}: this time, the API is on port ${new URL(api).port}. "--port" chooses one.`,
          stream,
        );
  return `
  ${bold('The token-vending machine runs on this laptop.')}
${moved}
  Ask for a file  ${link(`${api}/?asset=${SAMPLE_NAME}`)}
  Open the mail   ${link(inbox)} ${dim('(Toggle HTML view shows its button)')}
  Stop            ${bold('Ctrl-C')}

  Offer a file of your own, and issue a link for it:
    npx tvm ${tvm} offer report.pdf
    npx tvm ${tvm} issue report.pdf

  ${dim(`The AWS command line works as well: AWS_CONFIG_FILE=${folder}/aws-config, --profile laptop.`)}
  ${dim(`Files lie in ${folder}/s3, logs in ${folder}/logs, addresses and keys in ${folder}/endpoints.json.`)}
  ${dim('Files, links and receipts are kept for the next start; mails and queued messages are not.')}

`;
}

/** Relative to where the program runs, if it lies below. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}
