/* A baseline: a function that does nothing. It shows the startup time of Node alone. */
export const handler = async () => undefined;
