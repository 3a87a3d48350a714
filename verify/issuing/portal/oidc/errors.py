"""Why somebody could not be signed in: a code, a sentence, the next step. Nothing of what the provider sent.

SignInError
├── NotAccepted            the provider does not accept us, or the code that the browser brought
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

    def __init__(self, what: str, status: int | None = None) -> None:
        self.what = what
        self.status = status
        super().__init__(f"统一身份认证平台暂时用不了（{what}）。", next_step="请稍后再试；仍不行，请联系信用办。")


class NotAccepted(SignInError):
    """The provider refuses to redeem a code: our registration there is wrong, or the code is too old."""

    def __init__(self) -> None:
        super().__init__(
            "认证平台没有接受本系统的登录申请。",
            next_step="请回到首页重新登录；反复出现，请管理人员核对 portal.toml 的 client_id、密钥和登记的回跳地址。",
        )


class UnknownKey(SignInError):
    def __init__(self) -> None:
        super().__init__("登录凭据的签名密钥不在认证平台公布的清单中。")
