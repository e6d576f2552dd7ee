/* Stands in for node:https in bundles, like http.cjs beside it. */
module.exports = process.getBuiltinModule('node:https');
