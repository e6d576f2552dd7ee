type Hear = (text: string) => void;

const listeners = new Set<Hear>();
let restore: (() => void) | undefined;

/** Calls `hear` with everything that this process writes to its terminal, until the returned function is called. */
export function hearTerminal(hear: Hear): () => void {
  listeners.add(hear);
  restore ??= tap();
  return () => {
    listeners.delete(hear);
    if (listeners.size > 0) return;
    restore?.();
    restore = undefined;
  };
}

/** Patches each stream only once for all listeners, so that listeners can be removed in any order. */
function tap(): () => void {
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) {
    const write = stream.write.bind(stream) as (...given: unknown[]) => boolean;
    stream.write = (...given: readonly unknown[]) => {
      for (const hear of listeners) hear(String(given[0]));
      return write(...given);
    };
  }
  return () => {
    for (const [at, stream] of streams.entries()) stream.write = writes[at] ?? stream.write;
  };
}
