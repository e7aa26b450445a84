"""The command line: parse, call one operation, print, return an exit code."""
