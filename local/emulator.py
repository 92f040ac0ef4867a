"""Everything Mailroom asks of MiniStack beyond HTTP. Only this, local/roles.py and what local/assemble.py installs
import it.

Import them only after the environment is set (local/process.py): MiniStack reads its settings while it is imported.
Underscored names are private hooks. ministack is pinned exactly, and tests/integration/local fails when one moves.
"""

import base64
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlencode
from uuid import uuid4

from ministack import app as ministack  # type: ignore[import-untyped]  # MiniStack ships no types
from ministack.core import iam_evaluator, lambda_runtime, responses, router  # type: ignore[import-untyped]  # as above
from ministack.services import firehose, s3, secretsmanager, sns  # type: ignore[import-untyped]  # as above
from ministack.services.cloudformation import provisioners  # type: ignore[import-untyped]  # as above

from local.internet.start import Internet
from local.roles import SES, policy_lets_ses

app = ministack.app

# What MiniStack itself puts into a worker's environment, and what any process needs. Of the rest of the
# server's environment a function sees nothing: Lambda would not give it either.
_GIVEN_TO_FUNCTIONS = re.compile(r"(AWS_\w+|_LAMBDA_\w+|LAMBDA_TASK_ROOT|PATH|LANG|TMPDIR)$")


class NotPermitted(Exception):
    """The policy of a bucket or topic does not let SES do this; the message names the action and the resource."""


class NoSuchResource(Exception):
    """There is no such bucket or topic."""


def use_scope(account: str, region: str) -> None:
    """Let what follows in this thread or task act in one account and region, as if it had come over TLS."""
    responses.set_request_account_id(account)
    responses.set_request_region(region)
    iam_evaluator.pin_request_origin("127.0.0.1", True)  # noqa: FBT003 (MiniStack's own signature)


def current_region() -> str:
    """Of the request, or of the stack, that is being worked on."""
    return str(responses.get_region())


def name_apart(home: str) -> None:
    """CloudFormation makes up names that nothing else has. MiniStack derives them from the stack's and the logical id,
    so that stacks of one name in two regions would share their roles and buckets."""
    named = provisioners._physical_name  # noqa: SLF001 (see above)

    def name(*arguments: Any, **options: Any) -> str:
        region = current_region()
        token = provisioners._NAME_SEED.set(provisioners._NAME_SEED.get() + ("" if region == home else region))  # noqa: SLF001 (see above)
        try:
            return str(named(*arguments, **options))
        finally:
            provisioners._NAME_SEED.reset(token)  # noqa: SLF001 (see above)

    provisioners._physical_name = name  # noqa: SLF001 (see above)


async def make_administrator(name: str) -> tuple[str, str]:
    """An IAM user who may do everything, as whoever deploys is on AWS: its access key id and secret.

    MiniStack's own root keys need no signature (local/gateway.py turns them away); a user's is verified.
    """
    await _iam(Action="CreateUser", UserName=name)
    await _iam(Action="AttachUserPolicy", UserName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    answer = await _iam(Action="CreateAccessKey", UserName=name)
    key, secret = re.findall(r"<(?:AccessKeyId|SecretAccessKey)>([^<]+)<", answer)
    return key, secret


async def _iam(**parameters: str) -> str:
    form = {"content-type": "application/x-www-form-urlencoded"}
    status, _, body = await ministack.SERVICE_HANDLERS["iam"]("POST", "/", form, urlencode(parameters).encode(), {})
    answer = body.decode() if isinstance(body, bytes) else str(body)
    if status >= 400:
        raise RuntimeError(f"MiniStack refused {parameters['Action']}: {answer}")
    return answer


def access_key(headers: Iterable[tuple[bytes, bytes]], query: bytes) -> str:
    """The key a request claims to be signed with; empty where it names none."""
    named = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    return str(router.extract_access_key_id(named, parse_qs(query.decode("latin-1"))))


def caller(headers: Iterable[tuple[bytes, bytes]], query: bytes) -> str:
    """The name of the user or role whose key a request claims to be signed with."""
    named = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    return _name_in(str(iam_evaluator.request_caller_arn(named, parse_qs(query.decode("latin-1")))))


def _name_in(arn: str) -> str:
    return arn.split("/")[1] if "/" in arn else arn.rpartition(":")[2]


def is_root_key(access_key_id: str) -> bool:
    """Whether MiniStack takes this key for the account's root without looking at the signature."""
    return bool(access_key_id) and bool(iam_evaluator.is_root_access_key(access_key_id))


def user_key(access_key_id: str, account: str) -> tuple[str, str] | None:
    """The IAM user whose own, active access key this is, and the key's secret; None for root's and temporary keys."""
    if iam_evaluator.is_root_access_key(access_key_id):
        return None
    found = iam_evaluator.resolve_credential(access_key_id, account)
    if isinstance(found, iam_evaluator.CredentialResolutionError) or found.session_token:
        return None
    return (str(found.principal_name), str(found.secret_access_key)) if found.principal_type == "User" else None


def user_may(access_key_id: str, account: str, action: str, resource: str, keys: Mapping[str, Any]) -> bool:
    """Whether the key is active and its user's policies allow the action: for what is not signed with the key."""
    principal = iam_evaluator.resolve_principal(access_key_id, account)
    if isinstance(principal, iam_evaluator.AuthError):
        return False
    context = iam_evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=action,
        resource_arn=resource,
        region=responses.get_region(),
        service_context={name.lower(): value for name, value in keys.items()},
        principal_keys=principal.keys,
    )
    return bool(iam_evaluator.evaluate(context, principal.policies, *principal.limits).decision == "Allow")


def isolate_functions(python: Path, internet: Internet) -> None:
    """Run Python functions in `python` (local/runtime.py), with Lambda's environment and nothing of this process's;
    the world beyond this AWS is `internet`."""

    def popen(command: list[str], *, env: Mapping[str, str], **options: Any) -> "subprocess.Popen[str]":
        given = {name: value for name, value in env.items() if _GIVEN_TO_FUNCTIONS.match(name)}
        given |= {"TZ": "UTC", "SSL_CERT_FILE": str(internet.authority)}
        # -I: no PYTHON* variables, no user site, no folder of the script on the path. A function's declared
        # variables are not in `env`'s way: MiniStack's worker sets them before it imports the handler.
        return subprocess.Popen([str(python), "-I", "-B", *internet.around(command[1:])], env=given, **options)

    lambda_runtime.subprocess = SimpleNamespace(PIPE=subprocess.PIPE, Popen=popen)


def stop_functions() -> None:
    """End every function's process: asked first, killed after two seconds."""
    lambda_runtime.reset()


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What to answer a request that its signature or IAM does not let through."""

    status: int
    headers: dict[str, str]
    body: bytes


class SignedRequest:
    """One request to SES, checked as MiniStack checks those to its own services."""

    def __init__(self, scope: dict[str, Any], body: bytes) -> None:
        self._query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        self._headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self._service = "sesv2" if scope["path"].startswith("/v2/email/") else "ses"
        iam_evaluator.pin_request_origin((scope.get("client") or ("127.0.0.1",))[0], True)  # noqa: FBT003 (theirs)
        iam_evaluator.pin_signed_request(
            scope["method"], scope["raw_path"].decode("latin-1"), self._query, scope["headers"]
        )
        iam_evaluator.pin_signed_body(body)

    @property
    def caller(self) -> str:
        """The name of the calling user or role, as SES reports it in ses:caller-identity."""
        return _name_in(str(iam_evaluator.request_caller_arn(self._headers, self._query)))

    def refusal(self, action: str, resource: str, keys: Mapping[str, Any]) -> Refusal | None:
        """None where the signature holds and IAM allows `action`, an error of SES's form where not."""
        refused = ministack._enforce_data_plane(  # noqa: SLF001 (see above)
            *(self._service, action, self._headers, self._query, str(uuid4())),
            resource_arn=resource,
            service_context=dict(keys),
            named_resource=resource,
        )
        return Refusal(status=refused[0], headers=refused[1], body=refused[2]) if refused else None


def topic_allows(topic_arn: str, source_arn: str, account: str) -> bool:
    """Whether the topic exists and its policy lets SES publish on behalf of `source_arn`."""
    return bool(sns.topic_policy_allows(topic_arn, SES, source_arn, account))


def bucket_allows(bucket: str, key: str, source_arn: str, account: str) -> bool:
    """Whether the bucket exists and its policy lets SES put this object on behalf of `source_arn`."""
    arn = f"arn:aws:s3:::{bucket}/{key}"
    found = s3.bucket_policy_for_arn(arn)
    policy = found[0] if found else None
    return policy_lets_ses(policy or {"Statement": []}, "s3:PutObject", arn, source_arn, account)


def put_record(stream_arn: str, record: bytes) -> bool:
    """Whether there is the stream that it is put into. MiniStack makes a file of each record at once."""
    data = {"Records": [{"Data": base64.b64encode(record).decode()}]}
    status, _, _ = firehose._put_record_batch({"DeliveryStreamName": stream_arn.rpartition("/")[2], **data})  # noqa: SLF001 (see above)
    return bool(status == 200)


def publish(topic_arn: str, subject: str, message: str) -> None:
    sns.publish_internal(topic_arn, message, subject)


def put_object(bucket: str, key: str, body: bytes) -> None:
    headers = {"content-length": str(len(body)), "content-type": "application/octet-stream"}
    status, _, said = s3._put_object(bucket, key, body, headers)  # noqa: SLF001 (see above)
    if status >= 400:
        raise RuntimeError(f"MiniStack did not store {key} in {bucket}: {said!r}")


def register_types(handlers: Mapping[str, Mapping[str, Any]], replacing: Mapping[str, tuple[str, ...]]) -> None:
    """Give CloudFormation our handlers for these types; `replacing` are the properties whose change replaces one."""
    provisioners._RESOURCE_HANDLERS.update({name: dict(verbs) for name, verbs in handlers.items()})  # noqa: SLF001 (see above)
    provisioners._REPLACING_PROPERTIES.update(replacing)  # noqa: SLF001 (see above)


def refer_to_secrets_by_arn() -> None:
    """`Ref` of a secret is its ARN (CloudFormation, AWS::SecretsManager::Secret, return values). MiniStack gives the
    secret's name, which a policy's Resource never matches; and to a secret without a value an empty one."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]  # noqa: SLF001 (see above)
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def name(arn: str) -> str:
        return str(secretsmanager._resolve(arn)[0])  # noqa: SLF001 (see above)

    def created(logical_id: str, properties: Mapping[str, Any], stack: str) -> tuple[str, dict[str, str]]:
        attributes = create(logical_id, properties, stack)[1]
        if not properties.keys() & {"SecretString", "GenerateSecretString"}:
            secretsmanager._resolve(attributes["Id"])[1]["Versions"].clear()  # noqa: SLF001 (see above)
        return attributes["Id"], attributes

    def updated(arn: str, *arguments: Any, **more: Any) -> tuple[str, dict[str, str]]:
        attributes = update(name(arn), *arguments, **more)[1]
        return attributes["Id"], attributes

    def deleted(arn: str, properties: Mapping[str, Any]) -> None:
        delete(name(arn), properties)

    handlers |= {"create": created, "update": updated, "delete": deleted}
