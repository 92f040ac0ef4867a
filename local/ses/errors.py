"""What SES answers instead of a result. `code` and `status` are SES's own (API references of v2 and v1).

SesError
├── NotEmulated             SES can do this, the laptop cannot
├── Told                   whatever a knob says
├── v2: BadRequest, NotFound, AlreadyExists, Conflict, MessageRejected, MailFromDomainNotVerified, SendingPaused,
│       AccountSuspended, TooManyRequests, InvalidNextToken
└── v1: RuleSetDoesNotExist, RuleDoesNotExist, NameTaken, CannotDelete, InvalidS3Configuration, InvalidSnsTopic,
        InvalidParameterValue, LimitExceeded
"""

# Of errors that are not of status 400.
STATUSES = {"AccessDeniedException": 403, "TooManyRequestsException": 429, "ConflictException": 409}


class SesError(Exception):
    code = "InternalFailure"
    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotEmulated(SesError):
    code = "NotEmulated"
    status = 501


class Told(SesError):
    def __init__(self, code: str) -> None:
        super().__init__(f"The embedded SES was told to answer {code}.")
        self.code = code
        self.status = STATUSES.get(code, 400)


class BadRequest(SesError):
    code = "BadRequestException"


class NotFound(SesError):
    code = "NotFoundException"
    status = 404


class AlreadyExists(SesError):
    code = "AlreadyExistsException"


class Conflict(SesError):
    code = "ConflictException"
    status = 409


class MessageRejected(SesError):
    code = "MessageRejected"


class MailFromDomainNotVerified(SesError):
    code = "MailFromDomainNotVerifiedException"


class AccountSuspended(SesError):
    code = "AccountSuspendedException"


class SendingPaused(SesError):
    code = "SendingPausedException"


class TooManyRequests(SesError):
    code = "TooManyRequestsException"
    status = 429


class InvalidNextToken(SesError):
    code = "InvalidNextTokenException"


class InternalFailure(SesError):
    status = 500


class RuleSetDoesNotExist(SesError):
    code = "RuleSetDoesNotExist"


class RuleDoesNotExist(SesError):
    code = "RuleDoesNotExist"


class NameTaken(SesError):
    code = "AlreadyExists"


class CannotDelete(SesError):
    code = "CannotDelete"


class InvalidS3Configuration(SesError):
    code = "InvalidS3Configuration"


class InvalidSnsTopic(SesError):
    code = "InvalidSnsTopic"


class InvalidParameterValue(SesError):
    code = "InvalidParameterValue"


class LimitExceeded(SesError):
    code = "LimitExceeded"
