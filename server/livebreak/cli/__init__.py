"""The command line: the only wiring. One file a command; each builds the parts it needs and passes them down."""
