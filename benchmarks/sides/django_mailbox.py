"""django-mailbox: its IMAP transport into an SQLite database of its own, as it comes."""

from __future__ import annotations

from time import perf_counter
from urllib.parse import quote

from benchmarks.sides import asked, say


def _run(folder: str, port: int, user: str, password: str) -> tuple[float, int]:
    import django
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=["django_mailbox"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/django-mailbox.sqlite3"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        MEDIA_ROOT=f"{folder}/media",
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from django_mailbox.models import Mailbox, Message

    mailbox = Mailbox.objects.create(name="bench", uri=f"imap://{quote(user)}:{quote(password)}@127.0.0.1:{port}")
    began = perf_counter()
    for _ in mailbox.get_new_mail():
        pass
    return perf_counter() - began, Message.objects.count()


if __name__ == "__main__":
    seconds, count = _run(**asked())
    say(seconds=seconds, count=count)
