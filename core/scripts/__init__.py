"""Setting up what routes contacts: scripts with their versions, calendars, variables, templates.

names       what the desk has, for checks and for naming what is used where
versions    create, save, activate, roll back, lock, copy, delete, put back
accounts    which account is routed by which script, with its own settings
calendars   opening hours; holidays from iCalendar files
variables   values that all scripts read
templates   texts with fields that scripts send
"""
