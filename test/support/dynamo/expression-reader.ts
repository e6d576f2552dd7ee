export type Row = Readonly<Record<string, unknown>>;

/** Returns whether an attribute is a set, even one from outside Jest's realm. */
export function isSet(value: unknown): value is ReadonlySet<unknown> {
  return Object.prototype.toString.call(value) === '[object Set]';
}

/** The names and values that the placeholders of an expression stand for. */
export interface Placeholders {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}

/** A value in an expression, computed from the row that the expression is evaluated on. */
export type Operand = (row: Row) => unknown;

const TOKEN = /\s*(<>|<=|>=|[(),<>=+-]|:\w+|#\w+|\w+)/y;

/**
 * Reads a DynamoDB expression from left to right. It supports the syntax that this product uses and throws for
 * anything else. Like DynamoDB, it also rejects unused placeholders.
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

  /** The next token, which is not consumed. Empty at the end. */
  get next(): string {
    return this.#tokens[this.#position] ?? '';
  }

  /** Consumes and returns the next token. */
  take(): string {
    const token = this.next;
    this.#position += 1;
    return token;
  }

  /** Consumes the next token if it is this one. Keywords match in any case. */
  takeIf(token: string): boolean {
    if (this.next.toUpperCase() !== token.toUpperCase()) return false;
    this.#position += 1;
    return true;
  }

  /** Consumes this token. @throws Error if it is not the next one */
  expect(token: string): void {
    if (!this.takeIf(token)) throw new Error(`Expected ${token}, found "${this.next}"`);
  }

  /** Reads the name of an attribute. */
  attribute(): string {
    const token = this.take();
    if (!token.startsWith('#')) {
      if (/^[A-Za-z_]\w*$/.test(token)) return token;
      throw new Error(`Expected an attribute, found "${token}"`);
    }
    this.#used.add(token);
    const name = this.#placeholders.ExpressionAttributeNames?.[token];
    if (name === undefined) throw new Error(`Undefined placeholder: ${token}`);
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
    if (!(token in values)) throw new Error(`Undefined placeholder: ${token}`);
    return () => values[token];
  }

  /** Returns the placeholders that were used. @throws Error if input is left */
  finish(): ReadonlySet<string> {
    if (this.next !== '') throw new Error(`Unexpected input: "${this.next}"`);
    return this.#used;
  }
}

function tokensOf(expression: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(expression)?.[1];
    if (token === undefined) throw new Error(`Unreadable expression: "${expression.slice(at)}"`);
    tokens.push(token);
  }
  return tokens;
}

/** Checks that the expressions of a command use every placeholder. @throws Error that names the first unused one */
export function refuseUnused(placeholders: Placeholders, used: ReadonlySet<string>): void {
  const given = [
    ...Object.keys(placeholders.ExpressionAttributeNames ?? {}),
    ...Object.keys(placeholders.ExpressionAttributeValues ?? {}),
  ];
  for (const name of given) if (!used.has(name)) throw new Error(`Unused placeholder: ${name}`);
}
