"""What rooms have on top of a conversation: all SQL of chat."""
