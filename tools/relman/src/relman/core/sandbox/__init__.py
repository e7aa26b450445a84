"""The sandbox's parts as data: files, processes and objects. Nothing here starts anything."""
