/** The one-time secret that `hinomi run` puts into the address: taken before the map writes there. */

let link: string | null = null;

/** Take it out of the address at once. */
export function takeLink(): void {
  const found = /^#sign-in=([\w-]+)$/.exec(location.hash)?.[1];
  if (found === undefined) return;
  link = found;
  history.replaceState(history.state, "", location.pathname + location.search);
}

/** Give it once. */
export function givenLink(): string | null {
  const given = link;
  link = null;
  return given;
}
