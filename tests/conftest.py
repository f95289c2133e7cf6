"""What all tests share: the real servers, each started when a test first asks for it."""

pytest_plugins = [
    "tests.servers.fixtures_dovecot",
    "tests.servers.fixtures_postfix",
    "tests.servers.fixtures_postgres",
]
