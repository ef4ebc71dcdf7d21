// Shows that there is news, or that someone asks for who is on duty, and nothing else: no name, no group, no word that
// anybody wrote, whatever a push says.
const SAY = {{ _("There is news")|tojson }};
const PAGES = { page: {{ _("Someone asks for you")|tojson }}, test: {{ _("A test: please open it")|tojson }} };
const NEWS = "/me/notices";
const LINK = /^\/page\/[\w-]{1,100}$/;
const TITLE = {{ site.name|tojson }};
const ICON = {{ static("community/icon.svg")|tojson }};

function paged(data) {
  try {
    const said = data.json();
    return Object.hasOwn(PAGES, said.page) ? said : null;
  } catch {
    return null;
  }
}

self.addEventListener("push", (event) => {
  const page = paged(event.data);
  event.waitUntil(self.registration.showNotification(TITLE, page ? {
    body: PAGES[page.page], tag: `page-${page.id}`, renotify: true, silent: false, requireInteraction: true, icon: ICON,
    data: LINK.test(page.link) ? page.link : "/moderation/on-call",
  } : { body: SAY, tag: "news", renotify: false, silent: true, icon: ICON, data: NEWS }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const to = event.notification.data ?? NEWS;
  event.waitUntil((async () => {
    const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const open = pages.find((page) => new URL(page.url).pathname === to);
    return open ? open.focus() : self.clients.openWindow(to);
  })());
});

self.addEventListener("install", () => self.skipWaiting());
