/* A function that does nothing: what Node alone takes to start. It is a yardstick only. */
export const handler = async () => undefined;
