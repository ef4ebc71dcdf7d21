"""The desk: what moderators see and do, over HTTP and as pages."""
