import { nameOfUrn } from "../../standins/provider/wire";
import type { State } from "./stack";

/** Logical names of all that a resource waits for, directly or not, as the engine has written it down. */
export function waitsOf({ resources }: State, name: string): ReadonlySet<string> {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const found = new Set<string>();
  const follow = (urn: string) => {
    const { dependencies = [], provider } = byUrn.get(urn) ?? {};
    const own = provider === undefined ? [] : [provider.slice(0, provider.lastIndexOf("::"))];
    for (const next of [...dependencies, ...own]) {
      if (found.has(next)) continue;
      found.add(next);
      follow(next);
    }
  };
  for (const { urn } of resources) if (nameOfUrn(urn) === name) follow(urn);
  return new Set([...found].map(nameOfUrn));
}
