"""Everything Postroom does, without a screen.

A contact moves one way along the corridor; each station reads rows in one state and writes them in the next:

    mailbox -> intake -> triage -> distribution -> desk -> outbox -> outgoing server

A module imports only from steps below its own (import-linter holds it to that):

    errors late                              one tree: Transient, Permanent, Wrong; names imported when asked for
    clock settings whereabouts               a clock that tests can freeze; where the desk lives; where we seem to be
    mail text formulas                       frozen values of a mail; text from outside made harmless, here and in CSV
    mime sms calendars templates             bytes <-> mail; segments and STOP words; opening hours; fields filled in
    reach                                    which files of this machine a person at a screen may name
    routing/ gateway/                        scripts in their sandbox; the wires: IMAP, SMTP, dialects; no database
    models/ migrations/                      tables; no behaviour
    store secrets                            open, transaction, bell, leases; encrypted credentials
    journal consent roles events serving     done and why; may this leave; who may; what reports count; whose queues
    outbox distribution gathering tallies    put, claim, deliver, settle; enqueue, take; what scripts read; sums
    campaign_fields                          what a campaign's letter may say of its customer
    campaigns                                lists and customers, taken from files; who is meant
    intake triage desk optouts accounts      the stations and the set-up
    donotcontact                             whom a campaign, or the desk, does not write to
    people                                   who works here and is ready
    drafts canned waiting                    what is typed and not sent; replies by their word; what supervisors do
    views checkup                            the read side; is everything in order
    broadcasts                               one template to many: plan, freeze, feed, account for each
    dialler                                  attempts, preview dialling, files of results, letters on their events
    scripts                                  what routes contacts: versions, calendars, variables; try them, replay them
    blueprint engine                         desk.toml; every loop in one TaskGroup
    office                                   the composition root
"""
