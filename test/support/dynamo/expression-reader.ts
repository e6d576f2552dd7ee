/** A row of a table. */
export type Row = Readonly<Record<string, unknown>>;

/** What an expression's placeholders stand for. */
export interface Placeholders {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}

/** A value in an expression, read from the row that the expression is judged on. */
export type Operand = (row: Row) => unknown;

const TOKEN = /\s*(<>|<=|>=|[(),<>=+-]|:\w+|#\w+|\w+)/y;

/**
 * Reads an expression of DynamoDB from left to right. Knows what this product uses and throws at anything else,
 * also at placeholders that are given and not used, as DynamoDB does.
 */
export class ExpressionReader {
  readonly #tokens: readonly string[];
  readonly #placeholders: Placeholders;
  readonly #used = new Set<string>();
  #position = 0;

  constructor(expression: string, placeholders: Placeholders) {
    this.#tokens = tokensOf(expression);
    this.#placeholders = placeholders;
  }

  /** The next token, without taking it; empty at the end. */
  get next(): string {
    return this.#tokens[this.#position] ?? '';
  }

  /** Takes the next token. */
  take(): string {
    const token = this.next;
    this.#position += 1;
    return token;
  }

  /** Takes the next token if it is this one; keywords in any case. */
  takeIf(token: string): boolean {
    if (this.next.toUpperCase() !== token.toUpperCase()) return false;
    this.#position += 1;
    return true;
  }

  /** Takes this token. @throws Error when it is not the next one */
  expect(token: string): void {
    if (!this.takeIf(token)) throw new Error(`expected ${token} and met "${this.next}"`);
  }

  /** Reads the name of an attribute. */
  attribute(): string {
    const token = this.take();
    if (!token.startsWith('#')) {
      if (/^[A-Za-z_]\w*$/.test(token)) return token;
      throw new Error(`expected an attribute and met "${token}"`);
    }
    this.#used.add(token);
    const name = this.#placeholders.ExpressionAttributeNames?.[token];
    if (name === undefined) throw new Error(`${token} stands for nothing`);
    return name;
  }

  /** Reads an attribute or a value. */
  operand(): Operand {
    if (!this.next.startsWith(':')) {
      const name = this.attribute();
      return (row) => row[name];
    }
    const token = this.take();
    this.#used.add(token);
    const values = this.#placeholders.ExpressionAttributeValues ?? {};
    if (!(token in values)) throw new Error(`${token} stands for nothing`);
    return () => values[token];
  }

  /** The placeholders that were met. @throws Error when there is more to read */
  finish(): ReadonlySet<string> {
    if (this.next !== '') throw new Error(`cannot read on from "${this.next}"`);
    return this.#used;
  }
}

function tokensOf(expression: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(expression)?.[1];
    if (token === undefined) throw new Error(`cannot read "${expression.slice(at)}"`);
    tokens.push(token);
  }
  return tokens;
}

/** Refuses placeholders that no expression of a command has used. @throws Error naming the first one */
export function refuseUnused(placeholders: Placeholders, used: ReadonlySet<string>): void {
  const given = [
    ...Object.keys(placeholders.ExpressionAttributeNames ?? {}),
    ...Object.keys(placeholders.ExpressionAttributeValues ?? {}),
  ];
  for (const name of given) if (!used.has(name)) throw new Error(`${name} is given and not used`);
}
