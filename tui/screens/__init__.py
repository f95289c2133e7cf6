"""One screen for each work area, each with a `.tcss` whose rules are nested under its type."""
