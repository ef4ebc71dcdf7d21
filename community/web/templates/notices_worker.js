// Shows that there is news, and nothing else: no name, no group, no word that anybody wrote, whatever a push says.
const SAY = {{ _("There is news")|tojson }};

self.addEventListener("push", (event) => {
  event.waitUntil(self.registration.showNotification({{ site.name|tojson }}, { body: SAY, tag: "news", renotify: false, silent: true, icon: {{ static("community/icon.svg")|tojson }} }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const open = pages.find((page) => new URL(page.url).pathname === "/me/notices");
    return open ? open.focus() : self.clients.openWindow("/me/notices");
  })());
});

self.addEventListener("install", () => self.skipWaiting());
