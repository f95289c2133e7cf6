"""The wires: IMAP, SMTP, and the dialects of text gateways. Nothing here knows the database."""
