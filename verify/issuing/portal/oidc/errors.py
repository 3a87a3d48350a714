"""Why somebody could not be signed in: a code, a sentence, the next step. Nothing of what the provider sent.

SignInError
├── ProviderTrouble        the provider cannot be reached, or answers nonsense: try again later
└── UnknownKey             the token names a key that is not in the key set we hold
"""

from verify.errors import VerifyError

_AGAIN = "请回到首页重新登录；多次失败请联系信用办。"


class SignInError(VerifyError):
    code = "SIGN_IN_REFUSED"

    def __init__(self, message: str, *, next_step: str = _AGAIN, code: str | None = None) -> None:
        super().__init__(message, next_step=next_step, code=code)


class ProviderTrouble(SignInError):
    code = "PROVIDER_UNAVAILABLE"

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"统一身份认证平台暂时用不了（{what}）。", next_step="请稍后再试；仍不行，请联系信用办。")


class UnknownKey(SignInError):
    def __init__(self) -> None:
        super().__init__("登录凭据的签名密钥不在认证平台公布的清单中。")
