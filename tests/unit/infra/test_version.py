from dataclasses import replace

from infra import version as module
from infra.settings import Settings
from infra.version import flags, sources, version

SETTINGS = Settings.read("shop", {"region": "eu-west-1", "domain": "acme.test", "sender": "hello@acme.test"})


def test_the_same_sources_and_settings_are_one_version():
    assert version(SETTINGS) == version(replace(SETTINGS))
    assert len(version(SETTINGS)) == 16


def test_other_settings_and_other_flags_are_another_version(monkeypatch):
    before = version(SETTINGS)
    assert version(replace(SETTINGS, dmarc="reject")) != before
    monkeypatch.setattr(module, "flags", lambda: flags() | {"@aws-cdk/core:other": True})
    assert version(SETTINGS) != before


def test_another_line_in_a_source_is_another_version(monkeypatch, tmp_path):
    (tmp_path / "app.py").write_text("one")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "sources", lambda: [tmp_path / "app.py"])
    monkeypatch.setattr(module, "flags", dict)
    before = version(SETTINGS)
    (tmp_path / "app.py").write_text("two")
    assert version(SETTINGS) != before


def test_all_that_makes_the_stacks_counts_and_nothing_else():
    names = {str(path.relative_to(module.ROOT)) for path in sources()}
    assert {"app.py", "requirements.txt", "infra/storage.py", "lambdas/requirements.txt"} < names
    assert {"templates/notice/body.mjml", "templates/notice/sample.json", "docs/events/SendMail.json"} < names
    assert not [
        name for name in names if name.startswith(("cli/", "tests/", "local/")) or name.endswith((".pyc", ".md"))
    ]
