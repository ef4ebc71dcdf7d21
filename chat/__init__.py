"""Live rooms: wire protocol, hub, socket, pages."""
