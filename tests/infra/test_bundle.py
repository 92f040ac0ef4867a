import os
import subprocess
import sys
from pathlib import Path

import pytest

import infra.bundle
from infra.bundle import BundleError, WheelsMissing, bundle, zipped_size

AARCH64 = 183  # e_machine of an ELF header


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A small repository of its own, whose wheels are one module, with an empty cache."""
    for name, text in {
        "lambdas/send/handler.py": "def handler(event, context): ...",
        "lambdas/send/__pycache__/handler.pyc": "compiled",
        "lambdas/requirements.txt": "one==1",
        "docs/events/SendMail.json": "{}",
        "templates/welcome/subject.txt": "Hi",
        "templates/welcome/sample.json": "{}",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, path in {
        "ROOT": "",
        "CACHE": ".cache",
        "REQUIREMENTS": "lambdas/requirements.txt",
        "TEMPLATES": "templates",
    }.items():
        monkeypatch.setattr(infra.bundle, name, tmp_path / path)
    monkeypatch.setattr(infra.bundle, "MAKERS", ())
    monkeypatch.setattr(infra.bundle, "compile_templates", lambda target: target.mkdir())
    monkeypatch.setattr(infra.bundle, "_install", lambda target, platform, _: (target / "one.py").write_text(platform))
    return tmp_path


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_bundle_has_code_schemas_and_wheels_and_no_leftovers(repository):
    assert files(bundle("lambda").path) == [
        "lambdas/requirements.txt",
        "lambdas/send/handler.py",
        "one.py",
        "schemas/SendMail.py",
    ]


def test_the_hash_is_of_contents_and_not_of_times(repository):
    before = bundle("lambda")
    os.utime(repository / "lambdas/send/handler.py", (0, 0))
    assert bundle("lambda") == before


@pytest.mark.parametrize(
    "name",
    [
        "lambdas/send/handler.py",
        "lambdas/requirements.txt",
        "docs/events/SendMail.json",
        "templates/welcome/subject.txt",
    ],
)
def test_a_change_of_any_source_gives_another_bundle(repository, name):
    before = bundle("lambda")
    (repository / name).write_text('{"title": "changed"}')
    after = bundle("lambda")
    assert after.digest != before.digest
    assert after.path != before.path


def test_a_new_file_gives_another_bundle(repository):
    before = bundle("lambda").digest
    (repository / "lambdas/send/again.py").touch()
    assert bundle("lambda").digest != before


def test_the_wheels_are_installed_once_for_all_changes_of_code(repository, monkeypatch):
    bundle("lambda")
    monkeypatch.setattr(infra.bundle, "_install", lambda target, platform: pytest.fail("installed again"))
    (repository / "lambdas/send/handler.py").write_text("changed")
    assert (bundle("lambda").path / "one.py").read_text() == "lambda"


def test_platforms_are_kept_apart(repository):
    assert [(bundle(platform).path / "one.py").read_text() for platform in ("lambda", "host")] == ["lambda", "host"]


def test_a_bundle_that_fails_leaves_nothing_behind(repository, monkeypatch):
    def interrupted(target):
        (target / "half").mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(infra.bundle, "compile_templates", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bundle("lambda")
    assert list((repository / ".cache/bundles").iterdir()) == []


def test_only_the_newest_bundles_of_a_platform_are_kept(repository):
    other = bundle("host").path
    for number in range(7):
        (repository / "lambdas/send/handler.py").write_text(f"# {number}")
        newest = bundle("lambda").path
    kept = sorted(path for path in (repository / ".cache/bundles").iterdir() if path != other)
    assert len(kept) == 4
    assert newest in kept
    assert other.is_dir()


def test_an_unknown_platform_is_told_which_there_are():
    with pytest.raises(BundleError, match="There is no bundle for 'arm'; use `-c bundle=` with one of lambda, host"):
        bundle("arm")


def test_wheels_that_cannot_be_installed_say_why(tmp_path, monkeypatch):
    monkeypatch.setattr(infra.bundle, "REQUIREMENTS", tmp_path / "requirements.txt")
    monkeypatch.setattr(infra.bundle, "CACHE", tmp_path)
    (tmp_path / "requirements.txt").write_text("not a requirement\n")
    with pytest.raises(
        WheelsMissing, match=r"needs a wheel for Lambda's platform(.|\n)*uv said:(.|\n)*not a requirement"
    ):
        bundle("lambda")


def test_the_real_bundle_is_built_from_the_caches_alone(monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: pytest.fail("uv was called"))
    for platform in ("lambda", "host"):
        assert zipped_size(bundle(platform).path) < 10_000_000


def test_the_real_bundle_is_for_lambdas_processor():
    libraries = list(bundle("lambda").path.rglob("*.so"))
    assert libraries
    assert {int.from_bytes(path.read_bytes()[18:20], "little") for path in libraries} == {AARCH64}


def test_the_real_bundle_holds_no_leftovers_of_installing():
    found = {path.name for path in bundle("lambda").path.rglob("*")}
    assert found.isdisjoint({"__pycache__", "RECORD", "INSTALLER", "REQUESTED", ".lock", "bin", "tests"})
    assert "LICENSE" in found


def test_the_real_bundle_runs_without_the_projects_packages():
    imports = "import lambdas.shared.mail.parse, minijinja, selectolax; print(minijinja.__file__)"
    path = bundle("host").path
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", f"import sys; sys.path.insert(0, {str(path)!r}); {imports}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert Path(done.stdout).is_relative_to(path)
