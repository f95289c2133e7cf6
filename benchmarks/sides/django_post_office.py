"""django-post-office: its own queue in SQLite through Django's SMTP backend, batches and threads as they come."""

from __future__ import annotations

from time import perf_counter

from benchmarks.sides import asked, say


def _run(folder: str, port: int, count: int, text: str) -> tuple[float, int]:
    import django
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=["post_office"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/post-office.sqlite3"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        EMAIL_BACKEND="post_office.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        POST_OFFICE={"BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"}},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from post_office import mail
    from post_office.models import STATUS, Email

    mail.send_many(
        [
            {
                "sender": "texts@desk.example",
                "recipients": [f"4477009{n:05d}@sms.example"],
                "subject": "SMS",
                "message": text,
            }
            for n in range(count)
        ]
    )
    began = perf_counter()
    mail.send_queued_mail_until_done(lockfile=f"{folder}/post-office")
    return perf_counter() - began, Email.objects.filter(status=STATUS.sent).count()


if __name__ == "__main__":
    seconds, count = _run(**asked())
    say(seconds=seconds, count=count)
