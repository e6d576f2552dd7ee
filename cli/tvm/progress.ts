import stringWidth from 'string-width';
import { escapeControls } from './escape-controls.ts';
import { sizeText } from './format.ts';
import { columnsOf, type Io } from './io.ts';
import { shorten } from './table.ts';

export interface Progress {
  /** Moves the bar by an amount, which may be negative. */
  advance(amount: number): void;
  /** Clears the line. */
  done(): void;
}

const BAR_COLUMNS = 24;
const REDRAW_MS = 100;

/**
 * Creates a progress bar that overwrites one line of a terminal. Without a terminal, it prints nothing.
 *
 * @param amountText formats an amount, such as `1.2 MB`
 */
export function createProgress(
  { stderr, env, now }: Pick<Io, 'stderr' | 'env' | 'now'>,
  label: string,
  total: number,
  amountText: (amount: number) => string,
): Progress {
  if (stderr.isTTY !== true) return { advance: () => undefined, done: () => undefined };
  let reached = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const draw = (): void => {
    const share = total === 0 ? 1 : reached / total;
    const filled = Math.round(share * BAR_COLUMNS);
    const bar = '#'.repeat(filled).padEnd(BAR_COLUMNS, '-');
    const figures = `[${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${amountText(reached)} of ${amountText(total)}`;
    const room = columnsOf(stderr, env) - stringWidth(figures) - 3;
    stderr.write(`\r\u001b[2K${shorten(escapeControls(label), Math.max(room, 0))}  ${figures}`);
  };
  return {
    advance: (amount) => {
      reached += amount;
      const at = now().getTime();
      if (at - drawnAt < REDRAW_MS) return;
      drawnAt = at;
      draw();
    },
    done: () => {
      if (drawnAt > Number.NEGATIVE_INFINITY) stderr.write('\r\u001b[2K');
    },
  };
}

/**
 * Runs a task that moves bytes, with a progress bar.
 *
 * @param task receives a function that it calls with the number of bytes moved
 */
export function withProgress<T>(
  io: Pick<Io, 'stderr' | 'env' | 'now'>,
  label: string,
  bytes: number,
  task: (advance: Progress['advance']) => Promise<T>,
): Promise<T> {
  const { advance, done } = createProgress(io, label, bytes, sizeText);
  return task(advance).finally(done);
}
