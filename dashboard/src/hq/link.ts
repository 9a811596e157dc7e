/** The one-time secret that `hinomi run` puts into the address: taken before the map writes there. */

let link: string | null = null;

/** Take it out of the address at once. */
export function takeLink(): void {
  const found = /^#sign-in=([\w-]+)$/.exec(location.hash)?.[1];
  if (found === undefined) return;
  link = found;
  history.replaceState(history.state, "", location.pathname + location.search);
}

const RETURN = "hinomi-return";

/** Somebody signs in elsewhere: remember where they stood. */
export function leaveFor(): void {
  try {
    sessionStorage.setItem(RETURN, location.search + location.hash);
  } catch {
    // Without storage they come back to the plain page.
  }
}

/** Back from there, stand where one left. */
export function comeBack(): void {
  try {
    const to = sessionStorage.getItem(RETURN);
    sessionStorage.removeItem(RETURN);
    if (to && location.search === "") history.replaceState(history.state, "", location.pathname + to);
  } catch {
    // As above.
  }
}

/** Give it once. */
export function givenLink(): string | null {
  const given = link;
  link = null;
  return given;
}
