/** Who is writing: joining a drill, a personal key, or the link that the server printed at its start. */
import { ApiError } from "../api.ts";
import { h } from "../dom.ts";
import { leaveFor } from "./link.ts";
import type { Office } from "./office.ts";
import type { Say } from "./words.ts";

export function drawSignIn(office: Office, say: Say, link: string | null, done: () => void): HTMLElement {
  const message = h("p", { class: "failed", role: "alert", hidden: true });
  const me = office.me;
  const drill = office.view.status === "exercise" && me?.join === true;
  const send = (form: Record<string, string>) => {
    message.hidden = true;
    office.signIn(form).then(done, (error: unknown) => {
      message.textContent = error instanceof ApiError ? error.message.replace(/^\d+ /, "") : say("lost");
      message.hidden = false;
    });
  };
  const parts = [
    link ? nameForm(say("sign_in"), say("link_lead"), say, (name) => send({ link, name })) : null,
    !link && drill ? joinForm(office, say, send) : null,
    !link && me?.oidc ? providerLink(me.oidc, say) : null,
    !link && me?.sign_in ? keyForm(say, send, drill || me.oidc !== null) : null,
  ];
  return h("section", { class: "sign-in", "aria-label": say("sign_in") }, h("p", {}, say("sign_in_lead")), ...parts, message);
}

function nameForm(title: string, lead: string, say: Say, send: (name: string) => void): HTMLFormElement {
  const name = h("input", { id: "sign-in-name", required: true, maxlength: 40, autocomplete: "name" });
  return form(lead, title, () => send(name.value), h("label", { for: name.id }, say("name")), name);
}

function joinForm(office: Office, say: Say, send: (form: Record<string, string>) => void): HTMLFormElement {
  const name = h("input", { id: "join-name", required: true, maxlength: 40, autocomplete: "name" });
  const role = h(
    "select",
    { id: "join-role" },
    ...(office.me?.joinable_roles ?? []).map((r) => h("option", { value: r.id }, r.title[office.language])),
  );
  return form(
    say("join_lead"),
    say("join"),
    () => send({ name: name.value, role: role.value }),
    h("label", { for: name.id }, say("name")),
    name,
    h("label", { for: role.id }, say("role")),
    role,
  );
}

/** At the organisation's own provider; whoever comes back stands where they left. */
function providerLink(address: string, say: Say): HTMLElement {
  const link = h("a", { class: "do", id: "sign-in-oidc", href: address.replace(/^\//, ""), onclick: leaveFor }, say("organisation"));
  return h("p", { class: "sign-in-provider" }, link);
}

function keyForm(say: Say, send: (form: Record<string, string>) => void, folded: boolean): HTMLElement {
  const key = h("input", { id: "sign-in-key", type: "password", required: true, autocomplete: "current-password" });
  const whole = form(say("key_lead"), say("sign_in"), () => send({ key: key.value.trim() }), h("label", { for: key.id }, say("key")), key);
  return folded ? h("details", {}, h("summary", {}, say("other_way")), whole) : whole;
}

function form(lead: string, title: string, send: () => void, ...boxes: HTMLElement[]): HTMLFormElement {
  const found = h("form", { class: "sign-in-form" }, h("p", {}, lead), ...boxes, h("button", { type: "submit", class: "do" }, title));
  found.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  return found;
}
