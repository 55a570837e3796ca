// Adds to the documentation page what text alone cannot do: copying a call, and a reference to try the API in.

// Beside every call, a button that copies it.
for (const block of document.querySelectorAll("pre")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(block.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(block);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  const frame = document.createElement("div");
  frame.className = "call";
  block.replaceWith(frame);
  frame.append(block, button);
}

// The interactive reference weighs a hundred times the page: it is fetched when a reader comes near it.
const section = document.getElementById("reference");
const status = document.getElementById("reference-status");
const panel = document.getElementById("reference-app");
const tabs = [...document.querySelectorAll("#reference-tabs [role=tab]")];
const dark = matchMedia("(prefers-color-scheme: dark)");

new IntersectionObserver(
  (entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    status.textContent = "Loading the reference that you can try calls in…";
    mount().catch((error) => {
      // The plain reference stays.
      console.error(error);
      status.textContent = "The reference to try calls in could not be loaded; this is the plain one.";
    });
  },
  { rootMargin: "25% 0px" },
).observe(section);

async function mount() {
  const [, ...documents] = await Promise.all([script(section.dataset.script), ...tabs.map(load)]);
  let shown = 0;
  const reference = Scalar.createApiReference(panel, configuration(documents[shown]));
  const show = (which) => {
    shown = which;
    for (const [index, tab] of tabs.entries()) {
      tab.ariaSelected = String(index === shown);
      tab.tabIndex = index === shown ? 0 : -1;
    }
    panel.setAttribute("aria-labelledby", tabs[shown].id);
    reference.updateConfiguration(configuration(documents[shown]));
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener("click", () => show(index));
    // Among tabs the arrow keys move.
    tab.addEventListener("keydown", (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      const next = (index + 1) % tabs.length;
      tabs[next].focus();
      show(next);
    });
  }
  tabs[0].parentElement.hidden = false;
  dark.addEventListener("change", () => show(shown));
}

// A document, without what is no part of how to call: whom to ask, and under which licence.
async function load(tab) {
  const answer = await fetch(tab.dataset.document);
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
  const content = linked(await answer.json());
  const { title, version, description } = content.info;
  content.info = { title, version, description };
  return content;
}

function script(source) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = source;
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${source} did not load`));
    document.head.append(element);
  });
}

// Names of rules and errors in the document's texts, as links to their places on this page.
function linked(value, key) {
  if (Array.isArray(value)) return value.map((item) => linked(item));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, linked(item, name)]));
  }
  if (key !== "description" || typeof value !== "string") return value;
  return value.replace(/`([\w.-]+)`/g, (code, term) =>
    document.getElementById(term)?.hasAttribute("data-term") ? `[${code}](#${term})` : code,
  );
}

function configuration(content) {
  const { key } = section.dataset;
  return {
    content,
    // The document names the address that the server has if it is not told; this is the one it has.
    servers: [{ url: location.origin, description: "This sandbox" }],
    authentication: {
      preferredSecurityScheme: "apiKey" in (content.components?.securitySchemes ?? {}) ? "apiKey" : "adminToken",
      securitySchemes: { apiKey: { value: key ?? "" } },
    },
    // The page has a place and an address of its own for everything.
    urlRouting: false,
    showSidebar: false,
    hideSearch: true,
    hideModels: true,
    documentDownloadType: "none",
    layout: "modern",
    defaultOpenAllTags: true,
    theme: "none",
    forceDarkModeState: dark.matches ? "dark" : "light",
    hideDarkModeToggle: true,
    withDefaultFonts: false,
    orderSchemaPropertiesBy: "preserve",
    featuredClients: ["shell/curl", "js/axios", "python/requests"],
    defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
    // Nothing leaves this server.
    telemetry: false,
    hideClientButton: true,
    showDeveloperTools: "never",
    agent: { disabled: true },
    mcp: { disabled: true },
    onLoaded: () => {
      document.getElementById("reference-plain").hidden = true;
      status.hidden = true;
    },
  };
}
