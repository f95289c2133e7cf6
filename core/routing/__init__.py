"""Routing scripts: where a contact belongs, decided by a pure function that a supervisor writes in Starlark.

    facts       what a script may read: frozen, JSON, kept with every run
    decision    what it may answer: exactly one placing action, and side actions
    language    the words of the language, `load`, and errors with script, line and column
    sandbox     the worker process in which scripts are compiled, checked and run
    check       what is wrong with a script, before it is activated
    picture     a script as a tree of branches, each with its outcome

Nothing here reads a database. Only `sandbox`, `facts`, `decision`, `names`, `picture` and `ready_made` are for others;
the rest runs in the worker.
"""
