"""The screen: Postroom for a person at a terminal. It calls verbs of an `Office` and reads frozen rows of `core.views`.

    app            PostroomApp: one mode for each work area, the feed, errors, undo, themes
    areas          the work areas: which screen each number opens
    actions/       the one registry of actions: keys, palette and help are made from it
    feed           the bell, heard: marks what is shown as stale
    keymap         a person's own keys, from a file
    widgets/       masthead, line of keys, virtual list
    dialogs/       modal screens that give back a value and change nothing themselves
    screens/       one .py and one .tcss for each work area

To add a work area: a screen that extends `screens.work.WorkScreen`, its actions in `actions/`, its line in `areas`.
"""
