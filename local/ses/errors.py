"""What SES answers instead of a result. `code` and `status` are SES's own (API references of v2 and v1).

SesError
├── NotEmulated             SES can do this, the laptop cannot
├── v2: BadRequest, NotFound, AlreadyExists, MessageRejected, SendingPaused, TooManyRequests, InvalidNextToken
└── v1: RuleSetDoesNotExist, RuleDoesNotExist, NameTaken, CannotDelete, InvalidS3Configuration, InvalidSnsTopic,
        InvalidParameterValue, LimitExceeded
"""


class SesError(Exception):
    code = "InternalFailure"
    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotEmulated(SesError):
    code = "NotEmulated"
    status = 501


class BadRequest(SesError):
    code = "BadRequestException"


class NotFound(SesError):
    code = "NotFoundException"
    status = 404


class AlreadyExists(SesError):
    code = "AlreadyExistsException"


class MessageRejected(SesError):
    code = "MessageRejected"


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
