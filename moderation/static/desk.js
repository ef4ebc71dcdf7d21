// The console where scripts run: live lists, clocks that run, the hold on a case, keys.
// Everything here has a link, a button or a form beneath it that works without.
import "./clocks.js";
import "./live.js";
import "./again.js";
import "./hold.js";
import "./letters.js";
import "./keys.js";

document.documentElement.dataset.desk = "ready"; // for whoever waits: tests, and styles
