"""Scripts for the tests of what sets up routing."""

from __future__ import annotations

ONE_QUEUE = 'def route(contact):\n    return queue("front")\n'
TWO_QUEUES = 'def route(contact):\n    return queue("billing" if "refund" in contact.words else "front")\n'
WRONG = 'def route(contact):\n    if contact.text:\n        return queue("fornt")\n    return queue("front")\n'
WORDS = 'def bad(text):\n    return "bad" in text\n'
LOADING = 'load("words", "bad")\n\ndef route(contact):\n    return queue("billing" if bad(contact.text) else "front")\n'
SETTINGS = 'DEFAULTS = {"place": "front"}\n\ndef route(contact):\n    return queue(settings.place)\n'
EVERYTHING = """
def route(contact):
    if variables.closed or not calendars.office.open:
        return [reply("away"), set_class("Enquiry"), queue("billing")]
    return assign("ann", otherwise = "front")
"""
