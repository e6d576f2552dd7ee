/*
 * Stands in for node:http in bundles. Importing a module of Node reads all its exports. Among those of node:http is
 * WebSocket, and reading it loads a whole HTTP client, which takes as long as the rest of node:http.
 */
module.exports = process.getBuiltinModule('node:http');
