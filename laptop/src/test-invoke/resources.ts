import type { ApiDefinition } from '../api/read-api.ts';

/** Returns the resources that have methods, in the format of GetResources. */
export function resourcesOf({ routes }: ApiDefinition) {
  const byPath = new Map<string, { id: string; methods: string[] }>();
  for (const { resourcePath, resourceId, method } of routes) {
    const known = byPath.get(resourcePath) ?? { id: resourceId, methods: [] };
    byPath.set(resourcePath, { ...known, methods: [...known.methods, method] });
  }
  return [...byPath].map(([path, { id, methods }]) => {
    const slash = path.lastIndexOf('/');
    const parent = byPath.get(path.slice(0, slash) || '/');
    return {
      id,
      path,
      ...(path !== '/' && { pathPart: path.slice(slash + 1), ...(parent && { parentId: parent.id }) }),
      resourceMethods: Object.fromEntries(methods.map((method) => [method, {}])),
    };
  });
}
