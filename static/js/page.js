/* The little behaviour that native elements do not give. */
const keepTheme = (theme) => {
  document.documentElement.dataset.theme = theme;
  try { localStorage.setItem("theme", theme); } catch { /* for this page only */ }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do], [data-opens]");
  if (!button) return;
  if (button.dataset.opens) document.getElementById(button.dataset.opens).showModal();
  if (button.dataset.do === "print") print();
  if (button.dataset.do === "theme") {
    const { theme } = document.documentElement.dataset;
    const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    keepTheme(dark ? "light" : "dark");
  }
});

/* Keys: a digit picks a choice while the choices have focus; with Ctrl or ⌘, Enter publishes, S saves the draft, K searches. */
document.addEventListener("keydown", (event) => {
  const modified = event.metaKey || event.ctrlKey;
  const choices = event.target.closest(".choices");
  const choice = choices && !modified && /^[1-9]$/.test(event.key) && choices.querySelectorAll("input")[event.key - 1];
  if (choice) { choice.focus(); choice.click(); }
  if (modified && event.key === "Enter") event.target.closest("form")?.requestSubmit();
  const draft = event.target.closest("form")?.querySelector("[name=draft]");
  if (modified && event.key === "s" && draft) { event.preventDefault(); draft.click(); }
  const search = modified && event.key === "k" && document.querySelector("[type=search]");
  if (search) { event.preventDefault(); search.focus(); }
});

/* What is published or saved waits for a draft that is just being kept, which would come after it otherwise. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(".htmx-request:has([name=draft])")) return;
  event.preventDefault();
  const asked = () => event.submitter?.name === "draft" && form.querySelector("[name=force]"); // whether it may write over another window's
  const known = asked();
  form.addEventListener("htmx:afterRequest", () => { if (known || !asked()) form.requestSubmit(event.submitter); }, { once: true });
});

/* A slider says its value in words: <output data-says="#%, was 60%"> */
document.addEventListener("input", (event) => {
  const output = document.querySelector(`output[data-says][for="${event.target.id}"]`);
  if (output) output.value = output.dataset.says.replace("#", event.target.value);
});

/* What was opened stays open when its part of the page is asked for again. */
let opened = [];
document.addEventListener("htmx:beforeSwap", () => { opened = [...document.querySelectorAll("details[id][open]")].map((one) => one.id); });
document.addEventListener("htmx:afterSwap", () => { for (const id of opened) document.getElementById(id)?.setAttribute("open", ""); });

/* A button that fills a field with a text it carries, and goes there. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fills]");
  const field = button && document.getElementById(button.dataset.fills);
  if (!field) return;
  field.value = button.dataset.with;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

/* A search that narrows a list of choices on the page; what is chosen stays in sight. Without script there is no search. */
for (const field of document.querySelectorAll("[data-narrows]")) {
  field.parentElement.hidden = false;
  field.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) event.preventDefault(); });
  field.addEventListener("input", (event) => {
    event.stopPropagation();
    const text = field.value.trim().toLowerCase();
    const labels = [...document.querySelectorAll(`#${field.dataset.narrows} .picklist label`)];
    for (const one of labels) one.hidden = !one.querySelector("input").checked && !one.textContent.toLowerCase().includes(text);
    field.parentElement.querySelector("output").value = `${labels.filter((one) => !one.hidden).length} of ${labels.length} shown`;
  });
}
