"""bot.channels.addresses: nothing is called but https on a listed host, however an address is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.addresses import Hosts, hosts_in
from bot.channels.app_settings import AppSettings
from bot.errors import UsageError

HOSTS = Hosts(("oapi.dingtalk.com", ".aliyuncs.com", "http://127.0.0.1:8000"))


@pytest.mark.parametrize(
    "address",
    [
        "https://oapi.dingtalk.com/robot/sendBySession?session=3dc9981636af125faaf72220d6242ff7",
        "https://oapi.dingtalk.com:443/x",
        "https://OAPI.dingtalk.com/x",
        "https://files.oss-cn-zhangjiakou.aliyuncs.com/a?Signature=x%2B%3D",
        "http://127.0.0.1:8000/x",
    ],
)
def test_listed_hosts_are_called(address: str) -> None:
    assert address in HOSTS


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://oapi.dingtalk.com/x",
        "ftp://oapi.dingtalk.com/x",
        "//oapi.dingtalk.com/x",
        "https:oapi.dingtalk.com",
        "https://oapi.dingtalk.com.evil.example/x",
        "https://evil.example/oapi.dingtalk.com",
        "https://evil.example#oapi.dingtalk.com",
        "https://evil.example?oapi.dingtalk.com",
        "https://oapi.dingtalk.com@evil.example/x",
        "https://evil.example@oapi.dingtalk.com/x",
        "https://evil.example\\@oapi.dingtalk.com/x",
        "https://oapi.dingtalk.com\\.evil.example/x",
        "https://oapi.dingtalk.com:8443/x",
        "https://oapi.dingtalk.com:x/",
        "https://oapi.dingtalk.com./x",
        "https://aliyuncs.com/x",
        "https://evilaliyuncs.com/x",
        "https://xn--oapi.dingtalk.com/x",
        "https://oapi.dingtalk.com。evil.example/x",
        "https://evil.example%2f.aliyuncs.com/x",
        "https://evil.example%23.aliyuncs.com/x",
        "https://evil.example%00.aliyuncs.com/x",
        "https://evil.example;.aliyuncs.com/x",
        "https://evil.example&.aliyuncs.com/x",
        "https://a..aliyuncs.com/x",
        "https://.aliyuncs.com/x",
        "https://127.0.0.1:8000/x",
        "http://127.0.0.1:8001/x",
        "http://127.0.0.1/x",
        "http://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[oapi.dingtalk.com/x",
        "http://127.0.0.1:8000@evil.example/x",
        "https://oapi.dingtalk.com/ x",
        "https://oapi.dingtalk.com/\r\nHost: evil",
        "file:///etc/passwd",
        "https://oapi.dingtalk.com/" + "x" * 2048,
        None,
        7,
    ],
)
def test_nothing_else_is(address: object) -> None:
    assert address not in HOSTS


@given(st.text(), st.text())
def test_no_text_around_a_listed_host_makes_another_host_one(before: str, after: str) -> None:
    address = f"https://{before}evil.example{after}"
    if address in HOSTS:
        from yarl import URL

        assert URL(address).host is not None
        assert str(URL(address).host).endswith((".aliyuncs.com", "oapi.dingtalk.com"))


def test_sockets_are_listed_by_host_too() -> None:
    hosts = Hosts((".dingtalk.com", "http://127.0.0.1:8000"))
    assert hosts.sockets("wss://wss-open-connection.dingtalk.com:443/connect")
    assert hosts.sockets("ws://127.0.0.1:8000/connect")
    for address in ("ws://wss-open-connection.dingtalk.com/", "https://x.dingtalk.com/", "wss://evil.example/"):
        assert not hosts.sockets(address)
    assert "wss://x.dingtalk.com/" not in hosts


@pytest.mark.parametrize("listed", ["https://oapi.dingtalk.com", "10.0.0.1", "*", "", "oapi.dingtalk.com/", "com"])
def test_a_list_that_is_none_is_named(listed: str) -> None:
    with pytest.raises(UsageError, match="webhook_hosts"):
        hosts_in(AppSettings("app", {"webhook_hosts": [listed]}), "webhook_hosts", ())
