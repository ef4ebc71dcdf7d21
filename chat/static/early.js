// Before anything is drawn: where scripts run, a room is laid out for them from the first line, so that nothing
// jumps when room.js arrives. The only script that the page waits for; it is one statement.
document.documentElement.classList.add("live");
