"""Workflows decide nothing that cannot be run elsewhere, and can do no more than they need."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w/-]+@[0-9a-f]{40}")


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def workflow(request):
    return yaml.safe_load(request.param.read_text(encoding="utf-8"))


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_actions_are_pinned_to_the_commit_of_a_named_release(path):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert lines
    pins = {}
    for line in lines:
        found = re.search(rf"uses: (?P<pin>{PINNED.pattern}) # (?P<release>v\d+\.\d+\.\d+)$", line)
        assert found, line
        action = found["pin"].split("@")[0]
        assert pins.setdefault(action, (found["pin"], found["release"])) == (
            found["pin"],
            found["release"],
        )


def test_every_step_is_a_target_or_a_script_that_is_there(workflow):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for step in steps(workflow):
        if "run" not in step:
            continue
        command = step["run"].strip()
        assert "\n" not in command, command
        assert "${{" not in command, "text of others in a command"
        words = command.split()
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:", makefile, flags=re.MULTILINE), command
        else:
            script = words[1] if words[0] == "python3" else words[0]
            assert (ROOT / script).is_file(), command


def test_tokens_can_read_unless_a_job_says_what_it_writes(workflow):
    assert workflow["permissions"] in ({}, {"contents": "read"})
    for name, job in workflow["jobs"].items():
        assert "timeout-minutes" in job
        written = {what for what, how in job.get("permissions", {}).items() if how == "write"}
        allowed = {"publish": {"pages", "id-token"}, "comment": {"pull-requests"}}
        assert written == allowed.get(name, set())


def test_no_secret_and_no_kept_credentials(workflow):
    assert "secrets." not in yaml.safe_dump(workflow)
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_a_pull_request_never_publishes():
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    on = workflow[True]  # YAML reads `on` so
    assert set(on) == {"pull_request", "push", "workflow_dispatch"}
    assert {"data/**", "siteopt/**", "notebooks/**"} <= set(on["pull_request"]["paths"])
    publish = workflow["jobs"]["publish"]
    assert "github.event_name != 'pull_request'" in publish["if"]
    assert "refs/heads/main" in publish["if"]
    assert set(publish["needs"]) == set(workflow["jobs"]) - {"publish"}


def test_the_workflow_that_writes_runs_no_code_of_the_pull_request():
    workflow = yaml.safe_load((ROOT / ".github/workflows/comment.yml").read_text(encoding="utf-8"))
    assert set(workflow[True]) == {"workflow_run"}
    checkouts = [step for step in steps(workflow) if "checkout" in step.get("uses", "")]
    assert [step["with"]["ref"] for step in checkouts] == [
        "${{ github.event.repository.default_branch }}"
    ]
    artefacts = [step for step in steps(workflow) if "download-artifact" in step.get("uses", "")]
    assert [step["with"]["name"] for step in artefacts] == ["comparison"]
    assert all(step["with"]["path"].startswith("${{ runner.temp }}") for step in artefacts)


def test_the_comparison_that_is_commented_is_the_one_that_is_made():
    made = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    kept = [step["with"] for step in steps(made) if "upload-artifact@" in step.get("uses", "")]
    assert {"name": "comparison", "path": "build/ci"}.items() <= kept[1].items()
    assert "report=$out/comparison.md" in (ROOT / ".ci/compare").read_text(encoding="utf-8")
