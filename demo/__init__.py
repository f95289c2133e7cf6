"""A complete desk that needs nothing else: embedded mail servers, simulated customers, a sample desk.

    people (talks.toml) -> sms providers -> IMAP server -> the desk -> SMTP server -> people

`desk` runs it, `servers` are the mail servers, `providers` turn texts into mails and back, `letters` are the mails
that customers write, `people` live in `town`, `clerks` answer them, `watching` and `log` tell what happens.
"""
