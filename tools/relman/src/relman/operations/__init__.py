"""One file a command: gather the facts, let core decide, act."""
