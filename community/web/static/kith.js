// What every page does where scripts run: leave fast, keep forms kind, say times as people do.
// Everything here has a form or a link beneath it that works without.
import "./leave.js";
import "./forms.js";
import "./times.js";
