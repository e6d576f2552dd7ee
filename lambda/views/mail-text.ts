import type { MailBlock } from './mail-body.ts';

/** Returns the plain text part: short paragraphs, and the link on its own line. */
export function mailText(body: readonly MailBlock[]): string {
  return `${body.map(write).join('\n\n')}\n`;
}

function write(block: MailBlock): string {
  switch (block.block) {
    case 'heading':
    case 'paragraph':
      return block.text;
    case 'greeting':
      return `${block.hello} ${block.name},`;
    case 'message':
      return `${block.label}\n${block.text}`;
    case 'facts':
      return block.facts.map(({ label, value }) => `${label} ${value}`).join('\n');
    case 'files':
      return [block.label, ...block.files.map(({ name, size }) => `- ${name} (${size})`)].join('\n');
    case 'link':
      return `${block.caption}\n${block.url}`;
    case 'sender':
      return ['-- ', block.name, ...block.lines.map(({ label, text }) => `${label} ${text}`)].join('\n');
  }
}
